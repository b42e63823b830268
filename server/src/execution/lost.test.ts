import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CheckoutPlan, type JobSpec, PluginError } from '#plugins/api';
import { FakeScm, FakeScmHost } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { buildOf, insertProject, jobsOf, jobSpec, newBuild } from '../builds/testing/rows.ts';
import { LogStore } from '../logs/index.ts';
import { Registry } from '../plugins/index.ts';
import type { ScriptedMachine } from './testing/scripted-machine.ts';
import { ScriptedRunner } from './testing/scripted-runner.ts';
import { startServer, type WholeServer } from './testing/whole-server.ts';

const LOST = 'its machine was lost: it does not answer';

/** A code host that cannot be reached. */
class DeadScm extends FakeScm {
  override checkout(): Promise<CheckoutPlan> {
    return Promise.reject(new PluginError('unavailable', 'the code host does not answer'));
  }
}

let database: TestDatabase;
let folder: TemporaryFolder;
let logs: LogStore;
let runner: ScriptedRunner;
let registry: Registry;
let server: WholeServer;
let buildId: number;
let jobId: number;

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
  registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'scripted', extension: runner.driver() });
  registry.add('scm', { name: 'git', plugin: 'dead', extension: new DeadScm(new FakeScmHost(), folder.path) });
  server = await start();
});

afterEach(async () => {
  await server.stop();
});

/** Another server process. */
async function start(): Promise<WholeServer> {
  return await startServer({ database, registry, logs, folder: folder.path });
}

/** Queues a build of one job whose machines do as `onMade` says. */
async function queue(onMade: ScriptedRunner['onMade'], changed: Partial<JobSpec> = {}): Promise<void> {
  runner.onMade = onMade;
  buildId = await server.builds.create(newBuild(await insertProject(database), [jobSpec('a', changed)]));
  jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
}

function pass(machine: ScriptedMachine): void {
  machine.append('agent/events', 'end 2 0 passed exit\n');
}

/** It is gone before anybody can connect. */
function vanish(machine: ScriptedMachine): void {
  machine.vanish();
}

/** All attempts by their numbers, once the build has ended. */
async function ended(): Promise<{ state: string; reason: string | null; lost: boolean }[]> {
  await vi.waitFor(async () => expect((await buildOf(database, buildId)).finished).toBe(true), 20_000);
  const { rows } = await database.pool.query<{ state: string; reason: string | null; lost: boolean }>(
    'select state, reason, lost from attempts where job_id = $1 order by number',
    [jobId],
  );
  return rows;
}

/** The log of the job's attempt of that number. */
async function logOf(number: number): Promise<string> {
  const { rows } = await database.pool.query<{ id: number; size: number }>(
    'select id, log_size::float8 as size from attempts where job_id = $1 and number = $2',
    [jobId, number],
  );
  const { id = 0, size = 0 } = rows[0] ?? {};
  const pieces: Buffer[] = [];
  for await (const piece of logs.read(id, 0, size)) pieces.push(piece);
  expect((await logs.index(id)).complete).toBe(true);
  return Buffer.concat(pieces).toString();
}

async function follow(machine: ScriptedMachine | undefined, text: string): Promise<void> {
  machine?.append('agent/output', text);
  await vi.waitFor(async () => expect((await jobsOf(database, buildId))[0]?.state).toBe('running'));
  await vi.waitFor(() => expect(machine?.followed.map((one) => one.path)).toContain('agent/output'));
}

describe('a machine that is lost', () => {
  test.each<[string, (machine: ScriptedMachine) => void]>([
    ['when it is connected to', vanish],
    [
      'while sources are uploaded',
      (machine) => {
        machine.onUpload = () => {
          vanish(machine);
          return Promise.reject(new PluginError('unavailable', 'the connection broke'));
        };
      },
    ],
    [
      'while its agent starts',
      (machine) => {
        machine.onCommand = () => {
          vanish(machine);
          return Promise.reject(new PluginError('unavailable', 'the connection broke'));
        };
      },
    ],
  ])('%s: its job passes on another one', async (_, lose) => {
    await queue((machine, number) => (number === 1 ? lose(machine) : pass(machine)));
    const [first, second, ...others] = await ended();
    expect(first).toMatchObject({
      state: 'errored',
      lost: true,
      reason: expect.stringMatching(/^its machine was lost: (it does not answer|the connection broke)$/),
    });
    expect([second, ...others]).toEqual([{ state: 'passed', reason: null, lost: false }]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'passed' });
    expect(await logOf(1)).toMatch(/Terrarium: its machine was lost: .*; attempt 2 follows/);
    expect(new Set(runner.made.map((machine) => machine.id)).size).toBe(2);
  });

  test('while its job is followed: what it said stays with that attempt', async () => {
    await queue((machine, number) => number > 1 && pass(machine));
    await vi.waitFor(() => expect(runner.made).toHaveLength(1));
    await follow(runner.made[0], 'half of it\n');
    await vi.waitFor(async () => expect((await logs.index(await attemptId())).size).toBeGreaterThan(0));
    runner.made[0]?.vanish();
    expect((await ended()).map((attempt) => attempt.state)).toEqual(['errored', 'passed']);
    const log = await logOf(1);
    expect(log).toMatch(/^half of it\n/);
    expect(log).toContain('attempt 2 follows');
    expect(await logOf(2)).not.toContain('half of it');
  });

  test('while no server was there: the next one sees it', async () => {
    await queue((machine, number) => number > 1 && pass(machine));
    await vi.waitFor(() => expect(runner.made).toHaveLength(1));
    await follow(runner.made[0], 'on\n');
    await server.stop();
    runner.made[0]?.vanish();
    server = await start();
    expect((await ended()).map(({ state, lost }) => [state, lost])).toEqual([
      ['errored', true],
      ['passed', false],
    ]);
  });

  test('with its pool, because that is no longer configured', async () => {
    await queue((machine, number) => number > 1 && pass(machine));
    await vi.waitFor(() => expect(runner.made).toHaveLength(1));
    await follow(runner.made[0], 'on\n');
    await server.stop();
    await database.pool.query(`update machines set pool = 'former'`);
    server = await start();
    expect(await ended()).toEqual([
      { state: 'errored', reason: 'its machine was lost: it is no longer there', lost: true },
      { state: 'passed', reason: null, lost: false },
    ]);
    expect(await logOf(1)).toContain('its machine was lost: it is no longer there; attempt 2 follows');
  });

  test('four times: the job is errored, and says so; begun again by hand it has as many tries again', async () => {
    await queue(vanish);
    const attempts = await ended();
    const last = 'its machine was lost 4 times: it does not answer';
    expect(attempts.map(({ reason, lost }) => [reason, lost])).toEqual([LOST, LOST, LOST, last].map((reason) => [reason, true]));
    expect(await jobsOf(database, buildId)).toEqual([expect.objectContaining({ state: 'errored', reason: last, attempt: 4 })]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'errored' });
    expect(await logOf(4)).toContain(last);
    runner.onMade = (machine, number) => (number < 8 ? vanish(machine) : pass(machine));
    await server.builds.restartJob(jobId);
    expect((await ended()).map((attempt) => attempt.state)).toEqual([...Array.from({ length: 7 }, () => 'errored'), 'passed']);
  });

  test('while its job is being cancelled: that is cancelled, and not tried again', async () => {
    await queue((machine) => {
      machine.reachable = false;
    });
    await vi.waitFor(() => expect(runner.made[0]?.connections).toBeGreaterThan(1));
    await server.builds.cancelJob(jobId);
    runner.made[0]?.vanish();
    expect(await ended()).toEqual([{ state: 'canceled', reason: 'cancelled by hand', lost: false }]);
    expect(await jobsOf(database, buildId)).toEqual([expect.objectContaining({ state: 'canceled', reason: 'cancelled by hand' })]);
    expect(runner.made).toHaveLength(1);
  });

  test('after its job was asked to end inside it: that is cancelled', async () => {
    await queue((machine) => {
      machine.onCommand = (argv) => {
        if (argv.includes('cancel')) machine.vanish();
        return Promise.resolve(0);
      };
    });
    await vi.waitFor(() => expect(runner.made).toHaveLength(1));
    await follow(runner.made[0], 'on\n');
    await server.builds.cancelJob(jobId);
    expect(await ended()).toEqual([{ state: 'canceled', reason: 'cancelled by hand', lost: false }]);
    expect(runner.made).toHaveLength(1);
  });
});

describe('no loss of a machine is', () => {
  test.each<[string, string, string | null, (machine: ScriptedMachine) => void]>([
    ['a job that fails', 'failed', null, (machine) => machine.append('agent/events', 'end 2 0 failed exit\n')],
    [
      'a step that prepares it',
      'errored',
      'a step that prepares the job failed',
      (machine) => machine.append('agent/events', 'end 2 0 errored setup\n'),
    ],
    ['a limit', 'errored', 'the job took longer than it may', (machine) => machine.append('agent/events', 'end 2 0 errored time-limit\n')],
    ['a shell that its job ended', 'errored', 'the shell of the job vanished', (machine) => machine.append('agent/events', 'end 2 0 errored lost\n')],
    [
      'an agent that does not start',
      'errored',
      'the agent did not start: exit code 7',
      (machine) => void (machine.onCommand = () => Promise.resolve(7)),
    ],
    ['a machine that refuses', 'errored', 'no', (machine) => void (machine.onUpload = () => Promise.reject(new PluginError('unauthorized', 'no')))],
    ['a file of ours that is wrong', 'errored', 'no', (machine) => void (machine.onUpload = () => Promise.reject(new PluginError('invalid', 'no')))],
  ])('%s', async (_, state, reason, happens) => {
    await queue(happens);
    expect(await ended()).toEqual([{ state, reason, lost: false }]);
    expect(await jobsOf(database, buildId)).toEqual([expect.objectContaining({ state, reason, attempt: 1 })]);
    expect(runner.made).toHaveLength(1);
  });

  test('a code host that cannot be reached', async () => {
    await queue(pass, { checkout: { depth: null, submodules: false } });
    expect(await ended()).toEqual([{ state: 'errored', reason: 'the code host does not answer', lost: false }]);
  });
});

async function attemptId(): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>('select id from attempts where job_id = $1 order by number desc limit 1', [jobId]);
  return rows[0]?.id ?? 0;
}
