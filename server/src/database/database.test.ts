import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, testDatabaseUrl, type DatabaseUrl, type TestDatabase } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { placeOf, waitForServer } from './connect.ts';
import { createDataSource, openDatabase } from './database.ts';

let database: TestDatabase;
let empty: DatabaseUrl;

beforeAll(async () => {
  database = await testDatabase();
  empty = await testDatabaseUrl('empty');
});

afterAll(async () => {
  await empty.drop();
  await database.close();
});

test('TypeORM and plain SQL share one pool', async () => {
  await database.dataSource.query('select 1');
  const before = database.pool.totalCount;
  await database.pool.query('select 1');
  expect(before).toBe(1);
  expect(database.pool.totalCount).toBe(1);
});

test('the migrations make exactly the schema that the entities describe', async () => {
  const opened = await openDatabase({ url: empty.url, folder: '/nonexistent', logger: recordingLogger() });
  const changes = await opened.dataSource.driver.createSchemaBuilder().log();
  await opened.close();
  expect(changes.upQueries.map(({ query }) => query)).toEqual([]);
});

test('a connection that the server closes is replaced, and the process lives on', async () => {
  const client = await database.pool.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  client.release();
  const removed = new Promise((resolve) => database.pool.once('remove', resolve));
  const source = await createDataSource(database.url, { logger: recordingLogger() }).initialize();
  await source.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await source.destroy();
  await removed;
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(database.logger.lines.filter((line) => line.message.includes('a connection to the database broke'))).toHaveLength(1);
});

describe('a server that cannot be used', () => {
  test('a wrong password is refused at once, without the password in the sentence', async () => {
    const url = new URL(database.url);
    url.password = 'not-the-password';
    const opening = openDatabase({ url: url.href, folder: '/nonexistent', logger: recordingLogger() });
    await expect(opening).rejects.toMatchObject({ code: 'refused', message: expect.not.stringContaining('not-the-password') });
  });

  test('one that is away is waited for, in words, until told to stop', async () => {
    const controller = new AbortController();
    const logger = recordingLogger();
    const impatient = {
      ...logger,
      warn: (message: string) => {
        if (logger.lines.push({ level: 'warn', message, fields: {} }) === 2) controller.abort();
      },
    };
    await expect(waitForServer('postgresql://me:secret@127.0.0.1:1/ci', impatient, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(logger.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^waiting for the database at me@127.0.0.1:1\/ci: .*ECONNREFUSED/),
      expect.stringMatching(/^waiting for/),
    ]);
  });

  test('the place of a socket is readable', () => {
    expect(placeOf('postgresql://me:secret@%2Fvar%2Frun/ci')).toBe('me@/var/run/ci');
  });
});
