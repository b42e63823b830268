import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import type { ConfigProblem } from './problems.ts';
import { sentence } from './sentences.ts';
import { suggest } from './suggest.ts';

const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535.')
  .transform(Number)
  .refine((port) => port <= 65_535, 'must be a port number, 0 to 65535.');
const Host = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an address to listen at, as 127.0.0.1 or ::.');
const DatabaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must be the URL of a PostgreSQL database: postgres://USER:PASSWORD@HOST/NAME.');
const Token = z.string().regex(/^[\x21-\x7e]+$/, 'must not hold blanks or control characters.');
const PublicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://.' })
  .transform((url) => url.replace(/\/+$/, ''));

/** What is read of the environment. An empty variable counts as one that is not set, as compose files leave them. */
const Environment = z.object({
  /** The port to listen on; 0 takes any free one. */
  PORT: Port.default(7000),
  /**
   * The address to listen at. By default only this computer can reach the server: put a proxy with TLS in front, or set it to 0.0.0.0 or ::
   * where the network is trusted (or is a container's own).
   */
  HOST: Host.default('127.0.0.1'),
  /** The folder for everything the server keeps. */
  TERRARIUM_DATA: z.string().optional(),
  /** Somebody else's PostgreSQL; by default the server brings its own. */
  DATABASE_URL: DatabaseUrl.nullable().default(null),
  /** A token that may do everything. */
  TERRARIUM_ADMIN_TOKEN: Token.nullable().default(null),
  /** The address by which people reach the server. */
  TERRARIUM_URL: PublicUrl.optional(),
  /** `no`: the first start makes no sample project. */
  TERRARIUM_SAMPLE: z.enum(['yes', 'no'], { error: 'must be yes or no.' }).default('yes'),
  /** `json`: the server's log as a line of JSON each, for machines; `text`: for people. */
  TERRARIUM_LOG: z.enum(['text', 'json'], { error: 'must be text or json.' }).default('text'),
  /** The configuration file. */
  TERRARIUM_CONFIG: z.string().optional(),
});
/** The variables, parsed; nothing set where the default depends on something else. */
export type Environment = z.output<typeof Environment>;

const KNOWN = Object.keys(Environment.shape);

/** Reads the variables that are ours. What does not fit is added to `problems`, and null is given. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, problems: ConfigProblem[]): Environment | null {
  const given = Object.fromEntries(KNOWN.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = Environment.safeParse(given, { error: sentence });
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push({ where: issue.path.join('.'), text: issue.message });
  return null;
}

/** Sentences about variables that look like a slip of one of ours. No errors: the environment belongs to others too. */
export function misspelled(env: Readonly<Record<string, string | undefined>>): string[] {
  const strangers = Object.keys(env).filter((name) => name.startsWith('TERRARIUM_') && !KNOWN.includes(name));
  return strangers.flatMap((name) => {
    const meant = suggest(name, KNOWN);
    // A common beginning makes names near that have nothing to do with each other.
    const near = meant !== null && suggest(name.slice(10), [meant.slice(10)]) !== null;
    return near ? [`The variable ${name} is not read. Did you mean ${meant}?`] : [];
  });
}

/** `path` as an absolute one, read from `cwd`. */
export function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}
