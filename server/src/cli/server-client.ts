import { z } from 'zod';
import { Problem } from '#server/api';
import { type Io, type Option, UsageError } from './verb.ts';

/** A Terrarium server, as its clients see it. */
export interface ServerAddress {
  /** `https://ci.example.org`, without a slash at the end. */
  readonly url: string;
  readonly token: string;
}

const LOCAL_SERVER = 'http://localhost:7000';

/** The option of every verb that asks a server. */
export const SERVER_OPTION: Option = { type: 'string', value: 'URL', help: `where the server is; else TERRARIUM_URL, else ${LOCAL_SERVER}` };

/** Where the server is: as somebody said (null: nowhere), else as the environment says. Throws a `UsageError`. */
export function serverUrl(given: string | null, env: Io['env']): string {
  const text = given ?? (env['TERRARIUM_URL'] || LOCAL_SERVER);
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/+$/, '');
  throw new UsageError(`${text} is no address of a server: it begins with http:// or https://.`);
}

/** Who somebody is, by the environment. Throws a sentence with `how` to get a token that may what is asked. */
export function serverToken(env: Io['env'], needed: string, how: string): string {
  const token = env['TERRARIUM_TOKEN'] || env['TERRARIUM_ADMIN_TOKEN'];
  if (token) return token;
  throw new Error(`Say who you are, by an API token ${needed}: ${how} and set TERRARIUM_TOKEN to it. Also on the server's own computer.`);
}

/** Asks a server over HTTP. */
export class ServerClient {
  constructor(readonly address: ServerAddress) {}

  /** The answer to a request, as `schema` says; with a `body` it is a POST unless `method` says otherwise. Throws a sentence: what the server says against it, or that it cannot be reached. */
  async ask<Answer>(schema: z.ZodType<Answer>, path: string, body?: unknown, method = 'POST'): Promise<Answer> {
    const response = await this.fetch(path, body, method);
    const text = await response.text();
    if (!response.ok) throw new Error(this.refusal(response.status, text));
    const parsed = schema.safeParse(json(text));
    if (parsed.success) return parsed.data;
    throw new Error(`${this.address.url} answers what no Terrarium of this version does: is it one?`, { cause: parsed.error });
  }

  private async fetch(path: string, body: unknown, method: string): Promise<Response> {
    const { url, token } = this.address;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      return await fetch(url + path, body === undefined ? { headers } : { method, headers, body: JSON.stringify(body) });
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  private refusal(status: number, text: string): string {
    const problem = Problem.safeParse(json(text));
    if (status === 401) return `${this.address.url} does not know this token, or it has expired.`;
    return problem.success ? problem.data.detail : `${this.address.url} answers with status ${status}: is it a Terrarium?`;
  }
}

/** That a server cannot be reached, with what to do. */
export function unreachable(url: string, error: unknown): Error {
  return new Error(`${url} cannot be reached (${because(error)}). Say where the server is: --server URL, or TERRARIUM_URL.`, { cause: error });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fits no schema either, and is told as such.
    return null;
  }
}

function because(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
