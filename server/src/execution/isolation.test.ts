import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Isolation } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import type { IsolationRules } from '../builds/isolation-demand.ts';
import { insertBuild, type NewBuildTrust, TRUSTED } from '../builds/sql/insert-build.ts';
import { buildOf, insertProject, jobsOf, jobSpec, LAX, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { LogStore } from '../logs/index.ts';
import { Registry } from '../plugins/index.ts';
import { ScriptedRunner } from './testing/scripted-runner.ts';
import { startServer, type WholeServer } from './testing/whole-server.ts';

const STRANGERS = { minimum: 'none', pullRequests: 'vm' } as const;
const STRANGE = { level: 'untrusted', reason: null, contributor: 'stranger' } as const;
const TOO_WEAK =
  'no machine here is kept apart as vm, which this installation demands of pull requests by people who are not trusted: there is pool pool: sandbox';

let database: TestDatabase;
let folder: TemporaryFolder;
let logs: LogStore;
let runner: ScriptedRunner;
let registry: Registry;
let server: WholeServer | null;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, attempts, jobs, builds, projects cascade');
  logs = new LogStore(join(folder.path, randomUUID()));
  runner = new ScriptedRunner();
  runner.onMade = (machine) => machine.append('agent/events', 'end 2 0 passed exit\n');
  registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'scripted', extension: runner.driver() });
  server = null;
});

afterEach(async () => {
  await server?.stop();
});

/** Whose machines are kept apart so. */
function offer(isolation: Isolation): void {
  runner.image = { ...runner.image, isolation };
}

async function serve(rules: IsolationRules): Promise<void> {
  server = await startServer({ database, registry, logs, folder: folder.path }, rules);
}

/** Queues a build of one job under these rules; nobody has to serve yet. Returns its id. */
async function queue(isolation: IsolationRules, trust: NewBuildTrust = TRUSTED): Promise<number> {
  const project = await insertProject(database);
  return await withTransaction(database, (client) => insertBuild(client, newBuild(project, [jobSpec('a')], { trust, isolation })));
}

async function verdict(buildId: number): Promise<{ state: string; reason: string | null } | undefined> {
  await vi.waitFor(async () => expect((await buildOf(database, buildId)).finished).toBe(true), 20_000);
  const [job] = await jobsOf(database, buildId);
  return job && { state: job.state, reason: job.reason };
}

test.each<[string, Isolation, IsolationRules, NewBuildTrust]>([
  ['a push', 'none', STRANGERS, TRUSTED],
  ['a stranger’s request', 'vm', STRANGERS, STRANGE],
  ['a stranger’s request, where that is allowed', 'none', LAX, STRANGE],
  ['anything', 'sandbox', { minimum: 'sandbox', pullRequests: 'none' }, STRANGE],
])('runs where it is kept apart well enough: %s on %s', async (_, isolation, rules, of) => {
  offer(isolation);
  const build = await queue(rules, of);
  await serve(rules);
  expect(await verdict(build)).toEqual({ state: 'passed', reason: null });
});

test('a stranger’s request runs on nothing weaker than is demanded, and no machine is made for it', async () => {
  offer('sandbox');
  const build = await queue(STRANGERS, STRANGE);
  await serve(STRANGERS);
  expect(await verdict(build)).toEqual({ state: 'errored', reason: TOO_WEAK });
  expect(runner.made).toEqual([]);
});

test('what a project demands after its job was queued holds for that, too', async () => {
  offer('none');
  const build = await queue(LAX);
  await database.pool.query(`update projects set isolation = 'sandbox'`);
  await serve(LAX);
  const reason = 'no machine here is kept apart as sandbox or vm, which its project demands: there is pool pool: none';
  expect(await verdict(build)).toEqual({ state: 'errored', reason });
});

test('what an installation demands after the job was queued holds for that, too', async () => {
  offer('sandbox');
  const builds = [await queue(LAX), await queue(LAX, STRANGE)];
  await serve(STRANGERS);
  expect(await Promise.all(builds.map(verdict))).toEqual([
    { state: 'passed', reason: null },
    { state: 'errored', reason: TOO_WEAK },
  ]);
});

test('what was demanded when a job was queued still holds for it, though it was lifted', async () => {
  offer('sandbox');
  const build = await queue({ minimum: 'vm', pullRequests: 'vm' });
  await serve(LAX);
  const reason = 'no machine here is kept apart as vm, which was demanded when it was queued: there is pool pool: sandbox';
  expect(await verdict(build)).toEqual({ state: 'errored', reason });
});

test('a project’s demand is that of each of its jobs', async () => {
  offer('vm');
  const build = await queue(LAX);
  await database.pool.query(`update projects set isolation = 'vm'`);
  await serve(LAX);
  expect(await verdict(build)).toEqual({ state: 'passed', reason: null });
});

test('a job from before there were demands has those of now; a stranger’s is found out at the latest when its machine is there', async () => {
  offer('sandbox');
  const builds = [await queue(LAX), await queue(LAX, STRANGE)];
  await database.pool.query(`update jobs set shape = '["linux",null,null,null]'`);
  await serve(STRANGERS);
  const reason = 'its machine is kept apart as sandbox, not as vm, which this installation demands of pull requests by people who are not trusted';
  expect(await Promise.all(builds.map(verdict))).toEqual([
    { state: 'passed', reason: null },
    { state: 'errored', reason },
  ]);
  // The other machine was made for it, but nobody went into it.
  expect(runner.made).toHaveLength(2);
  expect(runner.made.filter((machine) => machine.connections > 0)).toHaveLength(1);
});

test('what runs is ended by a server that takes it over and may not let it run there', async () => {
  offer('sandbox');
  runner.onMade = () => undefined;
  const build = await queue(LAX);
  await serve(LAX);
  await vi.waitFor(async () => expect((await jobsOf(database, build))[0]?.state).toBe('running'));
  await server?.stop();
  await serve({ minimum: 'vm', pullRequests: 'vm' });
  const reason = 'its machine is kept apart as sandbox, not as vm, which this installation demands of every job';
  expect(await verdict(build)).toEqual({ state: 'errored', reason });
});

test('what was cancelled before that is cancelled', async () => {
  offer('sandbox');
  runner.onMade = (machine) => {
    machine.onCommand = (argv) => {
      if (argv.includes('cancel')) machine.append('agent/events', 'end 2 0 canceled canceled\n');
      return Promise.resolve(0);
    };
  };
  const build = await queue(LAX);
  await serve(LAX);
  await vi.waitFor(async () => expect((await jobsOf(database, build))[0]?.state).toBe('running'));
  await server?.stop();
  await server?.builds.cancelBuild(build);
  await serve({ minimum: 'vm', pullRequests: 'vm' });
  expect(await verdict(build)).toEqual({ state: 'canceled', reason: 'cancelled by hand' });
});
