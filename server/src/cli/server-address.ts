import { type Io, UsageError } from './verb.ts';

/** Where a server is if nobody says so. */
export const LOCAL_SERVER = 'http://localhost:7000';

/** What `--server` says in the help of every verb that has it. */
export const SERVER_OPTION = { type: 'string', value: 'URL', help: `where the server is; else TERRARIUM_URL, else ${LOCAL_SERVER}` } as const;

/** A server's address, without a slash at the end. Throws a `UsageError` for what is none. */
export function readServerUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/+$/, '');
  throw new UsageError(`${text} is no address of a server: it begins with http:// or https://.`);
}

/** The API token of the environment. Throws a sentence that says how to come by one; `right`: what it must allow, as "to shells". */
export function readServerToken(env: Io['env'], right: string): string {
  const token = env['TERRARIUM_TOKEN'] || env['TERRARIUM_ADMIN_TOKEN'];
  if (token) return token;
  throw new Error(`Say who you are, by an API token with the right ${right}: make one on the pages of the server and set TERRARIUM_TOKEN to it.`);
}
