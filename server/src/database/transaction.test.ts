import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { withTransaction } from './transaction.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query('create table counters (name text primary key, n int not null)');
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query("truncate counters; insert into counters values ('a', 0), ('b', 0)");
});

async function values(): Promise<number[]> {
  const { rows } = await database.pool.query<{ n: number }>('select n from counters order by name');
  return rows.map(({ n }) => n);
}

test('commits and gives the result', async () => {
  const result = await withTransaction(database, async (client) => {
    await client.query('update counters set n = 1');
    return 'done';
  });
  expect(result).toBe('done');
  expect(await values()).toEqual([1, 1]);
});

test('keeps nothing of work that throws, and throws its error on', async () => {
  const reason = new Error('no');
  const work = withTransaction(database, async (client) => {
    await client.query('update counters set n = 1');
    throw reason;
  });
  await expect(work).rejects.toBe(reason);
  expect(await values()).toEqual([0, 0]);
  expect(database.pool.idleCount).toBe(database.pool.totalCount);
});

test('runs again after a serialisation failure: no addition is lost', async () => {
  const add = () =>
    withTransaction(
      database,
      async (client) => {
        const { rows } = await client.query<{ n: number }>("select n from counters where name = 'a'");
        await client.query("update counters set n = $1 where name = 'a'", [(rows[0]?.n ?? 0) + 1]);
      },
      { isolation: 'serializable', tries: 100 },
    );
  await Promise.all(Array.from({ length: 8 }, add));
  expect((await values())[0]).toBe(8);
});

test('runs again after a deadlock', async () => {
  let tries = 0;
  const both = barrier(2);
  const lock = (first: string, second: string) =>
    withTransaction(database, async (client) => {
      tries += 1;
      await client.query('update counters set n = n + 1 where name = $1', [first]);
      await both();
      await client.query('update counters set n = n + 1 where name = $1', [second]);
    });
  await Promise.all([lock('a', 'b'), lock('b', 'a')]);
  expect(await values()).toEqual([2, 2]);
  expect(tries).toBe(3);
});

test('gives up with the error of PostgreSQL after the last try', async () => {
  let tries = 0;
  const work = withTransaction(
    database,
    async (client) => {
      tries += 1;
      await client.query("do $$ begin raise exception 'never' using errcode = '40001'; end $$");
    },
    { tries: 3 },
  );
  await expect(work).rejects.toMatchObject({ code: '40001' });
  expect(tries).toBe(3);
});

test('a connection that dies within is told with both errors and leaves the pool', async () => {
  const work = withTransaction(database, async (client) => {
    await client.query('select pg_terminate_backend(pg_backend_pid())');
  });
  await expect(work).rejects.toMatchObject({ errors: [{ code: '57P01' }, expect.any(Error)] });
  expect(await values()).toEqual([0, 0]);
});

/** Resolves for the first `count` callers when all of them have come, and at once for those who come later. */
function barrier(count: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting === count) open();
    return opened;
  };
}
