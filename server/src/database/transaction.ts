import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { codeOf } from './errors.ts';
import type { Database } from './database.ts';

/** Options of `withTransaction`. */
export interface TransactionOptions {
  /** READ COMMITTED unless told otherwise. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How often it is tried at most; 10 unless told otherwise. After the last try PostgreSQL's own error is thrown. */
  tries?: number;
}

const TRIES = 10;
const LONGEST_PAUSE_MS = 200;

/**
 * Runs `work` in one transaction on one connection, commits and gives its result. If `work` throws, nothing is kept and the error is thrown on.
 * On a serialisation failure or a deadlock everything is rolled back and `work` runs again from the start: it must have no effect outside
 * the database. Within `work` use only the client, never the pool: waiting for a second connection while holding one can hang everything.
 */
export async function withTransaction<Result>(
  database: Pick<Database, 'pool'>,
  work: (client: PoolClient) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const tries = options.tries ?? TRIES;
  for (let number = 1; ; number += 1) {
    try {
      return await tryOnce(database, work, options.isolation ?? 'read committed');
    } catch (error) {
      if (number >= tries || !isCollision(error)) throw error;
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, 5 * 2 ** number));
    }
  }
}

/** Whether PostgreSQL undid a transaction only because of another one: the same may succeed now. */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

async function tryOnce<Result>(
  { pool }: Pick<Database, 'pool'>,
  work: (client: PoolClient) => Promise<Result>,
  isolation: NonNullable<TransactionOptions['isolation']>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query(`begin isolation level ${isolation}`);
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await rollBack(client, error);
    throw error;
  }
}

/** A connection that cannot even roll back is broken and leaves the pool; the server has rolled back for it. Both errors are told. */
async function rollBack(client: PoolClient, reason: unknown): Promise<void> {
  try {
    await client.query('rollback');
    client.release();
  } catch (error) {
    client.release(true);
    throw new AggregateError([reason, error], 'A transaction failed, and so did rolling it back; the connection was given up', { cause: error });
  }
}
