import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { withTransaction } from '../database/index.ts';
import { persist } from './persist.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

test('a connection that dies in the middle of a transaction is no reason to give up: the work is done again', async () => {
  let tries = 0;
  const work = (): Promise<number> =>
    withTransaction(database, async (client) => {
      tries += 1;
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      if (tries < 3) await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      return (await client.query<{ one: number }>('select 1 as one')).rows[0]?.one ?? 0;
    });
  const logger = recordingLogger();
  expect(await persist(work, logger, new AbortController().signal)).toBe(1);
  expect(tries).toBe(3);
  expect(logger.lines.map((line) => line.level)).toEqual(['warn', 'warn']);
});

test('what is wrong with the work itself is thrown at once', async () => {
  const work = (): Promise<unknown> => database.pool.query('select no_such_column');
  await expect(persist(work, recordingLogger(), new AbortController().signal)).rejects.toMatchObject({ code: '42703' });
});

test('letting go ends the waiting', async () => {
  const stop = new AbortController();
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const work = (): Promise<never> => {
    stop.abort(new Error('the server stops'));
    return Promise.reject(away);
  };
  await expect(persist(work, recordingLogger(), stop.signal)).rejects.toThrow('the server stops');
});
