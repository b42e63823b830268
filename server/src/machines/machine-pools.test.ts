import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PluginError } from '#plugins/api';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import type { MachineView } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { assign, insertMachines, insertProject, jobSpec, newBuild } from '../builds/testing/rows.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { ConfigError } from '../config/index.ts';
import { withTransaction } from '../database/index.ts';
import { Registry } from '../plugins/index.ts';
import { eventually, POOL, TestPools } from './testing/pools.ts';
import { MachinePools } from './machine-pools.ts';

/** As an earlier process. */
const EARLIER = randomUUID();

let database: TestDatabase;
let controller: FakeRunnerController;
let driver: FakeRunner;
let events: DomainEvents;
let owner: string;
let pools: MachinePools;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, attempts, jobs, builds cascade');
  controller = new FakeRunnerController();
  driver = new FakeRunner(controller);
  const registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'fake', extension: driver });
  events = new DomainEvents();
  owner = randomUUID();
  pools = new MachinePools({ database, events, registry, logger: database.logger, owner, machineDays: 14 });
  await pools.open([POOL], AbortSignal.timeout(10_000));
});

afterEach(async () => {
  await pools.stop();
  await controller.close();
});

async function make(count: number): Promise<string[]> {
  pools.make(new Map([['pool', count]]));
  await eventually(() => expect(pools.readyMachines('pool')).toHaveLength(count));
  return pools.readyMachines('pool').map((machine) => machine.id);
}

/** A machine that its driver has, whether or not anybody knows it. */
async function existing(id: string): Promise<string> {
  await driver.create({ id, image: 'fake' }, AbortSignal.timeout(10_000));
  return id;
}

async function rows(): Promise<string[]> {
  const found = await database.pool.query<{ id: string }>('select id from machines order by id');
  return found.rows.map((row) => row.id);
}

async function attemptOn(machineOwner: string): Promise<string> {
  const build = await withTransaction(database, async (client) => insertBuild(client, newBuild(await insertProject(database), [jobSpec('a')])));
  const jobs = await database.pool.query<{ id: number }>('select id from jobs where build_id = $1', [build]);
  const [attempt] = await assign(database, machineOwner, [jobs.rows[0]?.id ?? 0]);
  return attempt?.machineId ?? '';
}

test('an image that the runner does not have is an error of the configuration, which says what there is', async () => {
  const opening = pools.open([{ ...POOL, image: 'none' }], AbortSignal.timeout(10_000));
  await expect(opening).rejects.toThrow(ConfigError);
  await expect(opening).rejects.toThrow('pool "pool": the runner "lab" has no image "none". It has: fake.');
});

test('a machine is ready only when it is written down, and a pool is named after its runner', async () => {
  await pools.lead();
  const ids = await make(2);
  expect(await rows()).toEqual(ids.toSorted());
  expect(pools.poolViews()).toEqual([expect.objectContaining({ name: 'pool', driver: 'lab', image: 'fake', ready: 2 })]);
});

test('what nobody knows is destroyed; what has a row is left alone, whoever owns it; one that cannot be destroyed keeps nothing back', async () => {
  const destroy = driver.destroy.bind(driver);
  vi.spyOn(driver, 'destroy').mockImplementation((id) =>
    id === 'stuck' ? Promise.reject(new PluginError('unavailable', 'a mount is busy')) : destroy(id),
  );
  await pools.lead();
  pools.pause();
  for (const id of ['another', 'stuck', 'unknown']) await existing(id);
  await database.pool.query(
    `insert into machines (id, pool, driver, image, state, owner) values ('another', 'elsewhere', 'other', 'fake', 'ready', $1)`,
    [EARLIER],
  );
  pools.resume();
  await eventually(async () => expect((await driver.list()).toSorted()).toEqual(['another', 'stuck']));
  expect(database.logger.lines.some((line) => line.level === 'warn' && line.message.includes('cannot be destroyed yet'))).toBe(true);
});

test('a machine that dies while it waits for a job is given to none', async () => {
  await pools.lead();
  const [dead, alive] = await make(2);
  await driver.destroy(dead ?? '');
  pools.pause();
  pools.resume();
  await eventually(() => expect(pools.readyMachines('pool').map((machine) => machine.id)).toEqual([alive]));
  await eventually(async () => expect(await rows()).toEqual([alive]));
});

test('machines of a pool that is no more are destroyed by their driver; those of a runner that is no more are forgotten', async () => {
  const [former, orphan] = await insertMachines(database, EARLIER, 2);
  await existing(former ?? '');
  await database.pool.query(`update machines set pool = 'former', driver = case id when $1 then 'lab' else 'gone' end`, [former]);
  await pools.lead();
  await eventually(async () => expect(await rows()).toEqual([]));
  expect(await driver.list()).toEqual([]);
  expect(database.logger.lines).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('its runner is no longer configured'), fields: { machine: orphan, runner: 'gone' } }),
  );
});

test('the last that is heard of a machine is that it is gone', async () => {
  await pools.lead();
  const [id = ''] = await make(1);
  const heard: (MachineView | null)[] = [];
  events.on('machine', () => heard.push(pools.machineView(id)));
  pools.assigned(id, 1);
  await pools.release(id);
  await eventually(() => expect(pools.machineViews()).toEqual([]));
  expect(heard.map((view) => view?.state)).toEqual(['assigned', 'destroying', 'gone']);
  expect(pools.machineView(id)?.state).toBe('gone');
});

test('the scheduler is woken when a machine has served, so that another is made before this one is gone, and again when it is', async () => {
  await pools.lead();
  const [id = ''] = await make(1);
  pools.assigned(id, 1);
  const states: (string | undefined)[] = [];
  events.on('wake', () => states.push(pools.machineView(id)?.state));
  await pools.release(id);
  expect(states).toEqual(['destroying']);
  await eventually(() => expect(states).toEqual(['destroying', 'gone']));
});

test('a place that a machine of one pool leaves is free for another pool of the same runner', async () => {
  const both = new TestPools(database, controller);
  controller.capacity = 1;
  await both.pools.open([POOL, { ...POOL, name: 'other' }], AbortSignal.timeout(10_000));
  await both.pools.lead();
  const [id = ''] = await both.make(1);
  both.pools.make(new Map([['other', 1]]));
  await eventually(() => expect(both.pools.poolViews()[1]).toMatchObject({ creating: 0, problem: expect.stringContaining('are in use') }));
  await eventually(() => expect(both.pools.machineViews()).toHaveLength(1));
  both.pools.assigned(id, 1);
  await both.pools.release(id);
  await eventually(() => expect(both.pools.machineViews()).toEqual([]));
  both.pools.make(new Map([['other', 1]]));
  expect(both.pools.poolViews()[1]?.creating).toBe(1);
  const lives = await database.pool.query<{ id: string }>('select id from machine_lives where id = any($1)', [
    controller.requests.map((one) => one.id),
  ]);
  // Of what had no place there is nothing to remember.
  expect(lives.rows.map((life) => life.id)).toEqual([id]);
  await both.pools.stop();
});

test('while it is paused nothing is made, and what has served is destroyed only once it goes on', async () => {
  await pools.lead();
  const [id = ''] = await make(1);
  pools.assigned(id, 1);
  pools.pause();
  await pools.release(id);
  pools.make(new Map([['pool', 3]]));
  expect(pools.machineViews().map((view) => view.state)).toEqual(['assigned']);
  pools.resume();
  await eventually(async () => expect(await driver.list()).toEqual([]));
});

test('who stands down destroys what no job has, and leaves the rest to whoever took it over', async () => {
  await pools.lead();
  const [busy = ''] = await make(2);
  pools.assigned(busy, 1);
  pools.pause();
  pools.standDown();
  await eventually(async () => expect(await driver.list()).toEqual([busy]));
  await eventually(() => expect(pools.machineViews()).toEqual([]));
  expect(await rows()).toEqual([busy]);
});

test.each([
  ['nobody did anything', true, async () => undefined],
  ['a machine has another owner', false, () => database.pool.query('update machines set owner = $1', [EARLIER])],
  ['a machine of ours is written down no more', false, () => database.pool.query('delete from machines')],
  [
    'an attempt has another owner',
    false,
    async () => {
      const machine = await attemptOn(EARLIER);
      await database.pool.query('delete from machines where id = $1', [machine]);
    },
  ],
])('%s: everything is as it was, that is %s', async (_, untouched, happens) => {
  await pools.lead();
  await make(1);
  pools.pause();
  await happens();
  expect(await pools.isUntouched()).toBe(untouched);
});
