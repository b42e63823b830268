import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type DeniedAttempt, PluginError } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { DeniedAttempts } from './denied.ts';
import { Machine } from './machine.ts';
import { eventually, TestPools } from './testing/pools.ts';

const METADATA: DeniedAttempt = { protocol: 'tcp', address: '169.254.169.254', port: 80, count: 3 };

let database: TestDatabase;
let server: TestPools;
let jobId: number;
let machineId: string;
let told: (readonly number[])[];

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, attempts, jobs, builds cascade');
  const build = await withTransaction(database, async (client) => insertBuild(client, newBuild(await insertProject(database), [jobSpec('a')])));
  jobId = (await jobsOf(database, build))[0]?.id ?? 0;
  server = new TestPools(database, undefined, ['denied']);
  told = [];
  server.events.on('jobs', (ids) => told.push(ids));
  await server.open();
  await server.pools.lead();
  machineId = (await server.make(1))[0] ?? '';
  await database.pool.query(`insert into attempts (job_id, number, state, owner, machine_id) values ($1, 1, 'running', $2, $3)`, [
    jobId,
    server.owner,
    machineId,
  ]);
  server.pools.assigned(machineId, jobId);
});

afterEach(() => server.close());

function machine(): Machine {
  const same = new Machine(machineId, 'pool', 'ready');
  same.jobId = jobId;
  return same;
}

async function written(): Promise<unknown> {
  const { rows } = await database.pool.query<{ denied: unknown }>('select denied from attempts');
  return rows[0]?.denied;
}

async function gone(): Promise<void> {
  await eventually(async () => expect(await server.driver.list()).toEqual([]));
}

test('what a machine tried in vain is with its attempt once it is gone, and pages are told', async () => {
  server.controller.denied.set(machineId, [METADATA]);
  await server.pools.release(machineId);
  await gone();
  expect([await written(), told]).toEqual([[METADATA], [[jobId]]]);
});

test('a machine that tried nothing moves nothing', async () => {
  await server.pools.release(machineId);
  await gone();
  expect([await written(), told]).toEqual([[], []]);
});

test('a machine that cannot be asked any more is destroyed all the same', async () => {
  server.controller.lose(machineId);
  vi.spyOn(server.driver, 'denied').mockRejectedValue(new PluginError('unavailable', 'its network is gone'));
  await server.pools.release(machineId);
  await gone();
  expect(database.logger.lines).toContainEqual(
    expect.objectContaining({
      level: 'info',
      message: 'what a machine tried to reach in vain is not known',
      fields: expect.objectContaining({ machine: machineId }),
    }),
  );
});

test('a driver is asked for as long as is good, and is told when it is not waited for', async () => {
  const asked = vi.spyOn(server.driver, 'denied').mockImplementation(() => new Promise<never>(() => undefined));
  await new DeniedAttempts(database.pool, server.events, database.logger, 20).note({ machine: machine(), driver: server.driver });
  expect(asked.mock.calls.map(([, signal]) => signal.aborted)).toEqual([true]);
  expect(await written()).toEqual([]);
});

test('the newest list wins, the same one is written once, and 1,000 are kept', async () => {
  const book = new DeniedAttempts(database.pool, server.events, database.logger);
  const watched = { machine: machine(), driver: server.driver };
  server.controller.denied.set(machineId, [METADATA]);
  await book.note(watched);
  await book.note(watched);
  expect(told).toEqual([[jobId]]);
  const many = Array.from({ length: 1001 }, (_, index) => ({ ...METADATA, port: index + 1 }));
  server.controller.denied.set(machineId, many);
  await book.note(watched);
  expect(await written()).toEqual(many.slice(0, 1000));
  expect(database.logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { machine: machineId, told: 1001, kept: 1000 } }));
});

test('while jobs run it is asked every so often, and no more once it is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const book = new DeniedAttempts(database.pool, server.events, database.logger);
    server.controller.denied.set(machineId, [METADATA]);
    book.start(() => [{ machine: machine(), driver: server.driver }]);
    vi.advanceTimersByTime(15_000);
    await eventually(async () => expect(await written()).toEqual([METADATA]));
    book.stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
