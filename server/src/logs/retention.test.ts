import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { assign, finish, insertProject, jobsOf, jobSpec, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { LogStore } from './log-store.ts';
import { LogRetention } from './retention.ts';

const owner = randomUUID();
let database: TestDatabase;
let folder: TemporaryFolder;
let logs: LogStore;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
  logs = new LogStore(folder.path);
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

/** Attempts with logs that ended so many days ago; null: has not ended. */
async function attempts(...days: (number | null)[]): Promise<number[]> {
  const projectId = await insertProject(database);
  const jobs = days.map((_, index) => jobSpec(`j${index}`));
  const buildId = await withTransaction(database, (client) => insertBuild(client, newBuild(projectId, jobs)));
  const ids = (await jobsOf(database, buildId)).map((job) => job.id);
  const made = (await assign(database, owner, ids)).map((attempt) => attempt.attemptId);
  for (const [index, id] of made.entries()) {
    const age = days[index] ?? null;
    await (await logs.open(id, { secrets: [] })).close();
    if (age === null) continue;
    await finish(database, owner, id, 'passed');
    await database.pool.query('update attempts set finished_at = now() - make_interval(days => $2) where id = $1', [id, age]);
  }
  return made;
}

async function kept(): Promise<string[]> {
  return (await readdir(folder.path)).filter((name) => name.endsWith('.log')).toSorted();
}

test('old logs go, empty ones too, once; one that cannot be deleted keeps none of the others', async () => {
  const logger = recordingLogger();
  const retention = new LogRetention(database.pool, logs, 7, logger);
  const [stuck = 0, old = 0, young, running] = await attempts(9, 8, 6, null);
  await logs.remove(stuck);
  // A folder in the file's place: not even root can remove that as a file.
  await mkdir(join(folder.path, `${stuck}.log`));
  expect(await retention.expire()).toBe(1);
  expect(await kept()).toEqual([`${stuck}.log`, `${young}.log`, `${running}.log`].toSorted());
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { attempt: stuck } }]);
  await rmdir(join(folder.path, `${stuck}.log`));
  expect([await retention.expire(), await retention.expire()]).toEqual([1, 0]);
  const { rows } = await database.pool.query<{ id: number }>('select id from attempts where log_deleted order by id');
  expect(rows.map((row) => row.id)).toEqual([stuck, old]);
});
