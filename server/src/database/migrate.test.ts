import { readdir } from 'node:fs/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

const FIRST: Migration = { id: '0001-first', sql: 'create table first (n int); insert into first values (1)' };
const SECOND: Migration = { id: '0002-second', sql: 'insert into first values (2)' };
const BROKEN: Migration = { id: '0002-broken', sql: 'insert into first values (2); insert into nowhere values (3)' };

let place: DatabaseUrl;

beforeEach(async () => {
  place = await testDatabaseUrl('empty');
});

afterEach(() => place.drop());

async function withClient<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: place.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function run(list: Migration[]): Promise<void> {
  return withClient((client) => migrate(client, list, recordingLogger()));
}

function numbers(): Promise<unknown[]> {
  return withClient(async (client) => (await client.query<{ n: number }>('select n from first order by n')).rows.map(({ n }) => n));
}

test('the list has every file of the folder, in order', async () => {
  const files = await readdir(new URL('migrations', import.meta.url));
  const ids = files.filter((name) => /^\d.*(?<!\.test)\.ts$/.test(name)).map((name) => name.replace(/\.ts$/, ''));
  expect(migrations.map(({ id }) => id)).toEqual(ids.toSorted());
});

test('each is applied once, the later ones later', async () => {
  await run([FIRST]);
  await run([FIRST, SECOND]);
  await run([FIRST, SECOND]);
  expect(await numbers()).toEqual([1, 2]);
});

test('two replicas that start together do not both migrate', async () => {
  await Promise.all([run([FIRST, SECOND]), run([FIRST, SECOND]), run([FIRST, SECOND])]);
  expect(await numbers()).toEqual([1, 2]);
});

test('of one that fails nothing is kept, and it can be mended', async () => {
  await expect(run([FIRST, BROKEN])).rejects.toMatchObject({ code: 'migration', message: expect.stringContaining('0002-broken failed') });
  expect(await numbers()).toEqual([1]);
  await run([FIRST, SECOND]);
  expect(await numbers()).toEqual([1, 2]);
});

test('a database newer than the code is refused and left alone', async () => {
  await run([FIRST, SECOND]);
  await expect(run([FIRST])).rejects.toMatchObject({ code: 'schema', message: expect.stringContaining('newer than this Terrarium') });
});

test('a migration that was edited after it was applied is refused', async () => {
  await run([FIRST]);
  await expect(run([{ ...FIRST, sql: 'create table other ()' }])).rejects.toMatchObject({ code: 'schema' });
});

test('a list with a gap is refused before anything is done', async () => {
  await expect(run([SECOND])).rejects.toThrow('0002-second is listed in the place of number 0001');
});
