import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '#plugins/api';
import { DatabaseError, codeOf, messageOf } from './errors.ts';

const OLDEST = 140_000;
const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** Not there yet, or not for the moment: the network's errors, and PostgreSQL's "starting up", "shutting down", "too many connections". */
const AWAY_CODES =
  'ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOENT EPIPE 57P01 57P02 57P03 53300 08001 08004 08006';
const AWAY = new Set(AWAY_CODES.split(' '));

/** What pg itself says, without a code, when a connection breaks, broke while nobody looked, or cannot be had in time. */
const AWAY_WORDS =
  /Connection terminated|connection error and is not queryable|timeout expired|timeout exceeded when trying to connect|Query read timeout/;

/**
 * Whether an error means that the server cannot be reached now, but perhaps later. Of several errors one is enough: where a transaction failed and could
 * not even be rolled back, or one of several addresses refused, only the connection is to blame.
 */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAway);
  const code = codeOf(error);
  if (code !== undefined) return AWAY.has(code);
  return AWAY_WORDS.test(messageOf(error));
}

/**
 * Waits until the server answers, saying so every few seconds, and checks that it is recent enough. Throws `refused` or `too-old`, or the
 * signal's reason.
 */
export async function waitForServer(url: string, logger: Logger, signal?: AbortSignal): Promise<void> {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    try {
      checkVersion(await askVersion(url));
      return;
    } catch (error) {
      if (!isAway(error)) throw refusal(url, error);
      logger.warn(`waiting for the database at ${placeOf(url)}: ${messageOf(error)}`);
    }
    await pause(wait, undefined, signal === undefined ? {} : { signal });
  }
}

/** A connection string without what is secret in it: the user's name, the host and the database. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { username, host, pathname } = new URL(url);
  return `${username === '' ? '' : `${username}@`}${decodeURIComponent(host)}${pathname}`;
}

async function askVersion(url: string): Promise<{ number: number; name: string }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that breaks while it waits emits this beside rejecting the query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; name: string }>(
      "select current_setting('server_version_num') as number, current_setting('server_version') as name",
    );
    return { number: Number(rows[0]?.number), name: rows[0]?.name ?? '' };
  } finally {
    await client.end();
  }
}

function checkVersion(version: { number: number; name: string }): void {
  if (version.number >= OLDEST) return;
  throw new DatabaseError('too-old', `The database server is PostgreSQL ${version.name}, and Terrarium needs 14 or newer.`);
}

function refusal(url: string, cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  return new DatabaseError('refused', `The database at ${placeOf(url)} cannot be used: ${messageOf(cause)}. Check DATABASE_URL.`, { cause });
}
