import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Registry } from '../plugins/index.ts';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { insertProject, jobsOf, jobSpec, LAX, LINUX, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { Executor } from '../execution/executor.ts';
import { InterpreterCache } from '../forks/interpreter-cache.ts';
import { providerOf } from '../execution/testing/provider.ts';
import { LogStore } from '../logs/index.ts';
import { eventually, TestPools } from '../machines/testing/pools.ts';
import { SecretBox } from '../projects/secret-box.ts';
import { Sources } from '../projects/sources.ts';
import { Scheduler } from './scheduler.ts';
import { InlinePlanner } from '../planning/planner.ts';

let database: TestDatabase;
let folder: TemporaryFolder;
let server: TestPools;
let scheduler: Scheduler;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
  server = new TestPools(database, undefined, ['images']);
  const { pools, events, owner } = server;
  const box = await SecretBox.open(folder.path);
  const executor = new Executor({
    database,
    events,
    pools,
    owner,
    isolation: LAX,
    logger: database.logger,
    sources: new Sources(database, new Registry(), box),
    interpreters: new InterpreterCache(database.pool, folder.path),
    planner: new InlinePlanner([]),
    provider: providerOf(database.pool, box, folder.path),
    logs: new LogStore(join(folder.path, 'logs')),
    limits: { timeSeconds: 60, silenceSeconds: 60, outputBytes: 1000 },
  });
  scheduler = new Scheduler({ database, events, pools, executor, isolation: LAX, logger: database.logger, owner });
});

afterAll(async () => {
  await scheduler?.stop();
  await server?.close();
  await database?.close();
  await folder?.remove();
});

test('a job waits for an image that is still to be made, and is errored once it is known that not even that can run it', async () => {
  server.controller.hasImage = false;
  await server.open();
  await server.pools.lead();
  const spec = jobSpec('a', { requirements: { ...LINUX, interpreter: '2.7' } });
  const project = await insertProject(database);
  const build = await withTransaction(database, (client) => insertBuild(client, newBuild(project, [spec])));
  const [job] = await jobsOf(database, build);
  scheduler.start();
  await eventually(() => expect(scheduler.reasonFor(job?.id ?? 0)).toBe('waits for an image: pool pool has no image fake yet'));
  expect((await scheduler.queue(10)).entries).toEqual([{ jobId: job?.id, reason: 'waits for an image: pool pool has no image fake yet' }]);
  expect((await jobsOf(database, build))[0]?.state).toBe('queued');
  server.controller.hasImage = true;
  server.round();
  await eventually(() => expect(server.pools.awaited).toEqual([]));
  server.events.emit('wake');
  await eventually(async () =>
    expect((await jobsOf(database, build))[0]).toMatchObject({ state: 'errored', reason: expect.stringContaining('no machine here has Python 2.7') }),
  );
});
