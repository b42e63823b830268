import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertBuild, type NewBuildTrust } from '../builds/sql/insert-build.ts';
import { insertProject, jobSpec, LINUX, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { wishes } from './sql/wishes.ts';

let database: TestDatabase;
let project: number;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  project = await insertProject(database);
});

async function build(interpreters: readonly (string | null)[], trust?: NewBuildTrust): Promise<number> {
  const jobs = interpreters.map((interpreter, index) => jobSpec(`job ${index}`, { requirements: { ...LINUX, interpreter } }));
  return await withTransaction(database, (client) => insertBuild(client, newBuild(project, jobs, trust === undefined ? {} : { trust })));
}

async function asked(): Promise<string[]> {
  return (await wishes(database.pool, new Set([project]))).map(({ interpreter, jobs }) => `${interpreter} ${jobs}`);
}

test('are what the newest build asks for, counted', async () => {
  await build(['2.6', '2.7']);
  await build(['3.9', '3.9', 'pypy', null]);
  expect(await asked()).toEqual(['3.9 2', 'pypy 1']);
});

test("are no stranger's, and none of a build on a fork", async () => {
  await build(['3.9']);
  await build(['2.4'], { level: 'untrusted', reason: null, contributor: null });
  const quiet = await build(['acme-3.8@f00']);
  await database.pool.query('update builds set is_quiet = true where id = $1', [quiet]);
  expect(await asked()).toEqual(['3.9 1']);
});

test('are told of projects that one may read, and of no others', async () => {
  await build(['3.9']);
  const other = await insertProject(database);
  expect(await wishes(database.pool, new Set([other]))).toEqual([]);
  expect((await wishes(database.pool, 'all')).map(({ projectId }) => projectId)).toContain(project);
});
