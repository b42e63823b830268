import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PluginError } from '#plugins/api';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { recordingLogger } from '../../../test/support/logger.ts';
import type { PoolConfig } from '../config/index.ts';
import { eventually, POOL } from './testing/pools.ts';
import { MachinePool, type PoolHooks } from './machine-pool.ts';
import { Machine } from './machine.ts';

let controller: FakeRunnerController;
let driver: FakeRunner;
let told: string[];
let pool: MachinePool;

beforeEach(() => {
  controller = new FakeRunnerController();
  driver = new FakeRunner(controller);
  told = [];
  pool = open();
});

afterEach(async () => {
  vi.useRealTimers();
  await pool.close();
  await controller.close();
});

function open(changed: Partial<PoolHooks> = {}, createMs?: number, settings: Partial<PoolConfig> = {}): MachinePool {
  const note = (what: string): Promise<void> => {
    told.push(what);
    return Promise.resolve();
  };
  const hooks = {
    ready: () => note('ready'),
    leaving: () => note('leaving'),
    gone: () => note('gone'),
    changed: () => undefined,
    packages: () => Promise.resolve(null),
    imageDiffers: () => Promise.resolve(),
    ...changed,
  };
  const opened = new MachinePool({ ...POOL, ...settings }, driver, hooks, recordingLogger(), createMs);
  opened.see(controller.image);
  return opened;
}

async function readyMachines(count: number): Promise<Machine[]> {
  pool.make(count);
  await eventually(() => expect(pool.ready()).toHaveLength(count));
  return pool.ready();
}

test('makes what it is asked for, not too many at the same time', async () => {
  pool.make(10);
  expect(pool.count('creating')).toBe(4);
  await eventually(() => expect(pool.ready()).toHaveLength(4));
  pool.make(1);
  await eventually(() => expect(pool.ready()).toHaveLength(5));
  expect((await driver.list()).toSorted()).toEqual(
    pool
      .ready()
      .map((machine) => machine.id)
      .toSorted(),
  );
  expect(told).toEqual(Array.from({ length: 5 }, () => 'ready'));
});

test('a machine that could not be made leaves nothing, says why, and is not tried again at once', async () => {
  controller.failNextCreate(new PluginError('exhausted', 'no more today'));
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  expect(pool.problem).toMatch(/no more today.*next try/);
  expect(await driver.list()).toEqual([]);
  pool.make(1);
  expect(pool.machines.size).toBe(0);
});

test('after the pause it tries again, and then has no problem any more', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  controller.failNextCreate(new PluginError('unavailable', 'away'));
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  vi.setSystemTime(Date.now() + 60_000);
  await readyMachines(1);
  expect(pool.problem).toBeNull();
});

test('a machine that could not be written down is destroyed', async () => {
  pool = open({ ready: () => Promise.reject(new Error('the database is away')) });
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  expect(await driver.list()).toEqual([]);
});

test('a driver that never comes to an end with a machine does not keep its place for ever', async () => {
  const create = vi.spyOn(driver, 'create').mockImplementation(() => new Promise(() => undefined));
  pool = open({}, 20);
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  expect(pool.problem).toMatch(/it was not ready after 0.02 s.*next try/);
  expect(create.mock.calls[0]?.[1].aborted).toBe(true);
});

test('destroying is tried until the machine is surely gone, and nobody gets it meanwhile', async () => {
  const [machine] = await readyMachines(1);
  const destroy = vi.spyOn(driver, 'destroy').mockRejectedValueOnce(new PluginError('unavailable', 'busy'));
  if (machine === undefined) throw new Error('no machine');
  const gone = pool.destroy(machine);
  expect(pool.ready()).toEqual([]);
  await gone;
  expect(destroy).toHaveBeenCalledTimes(2);
  expect(told).toEqual(['ready', 'gone']);
  expect(pool.machines.size).toBe(0);
  await pool.destroy(machine);
  expect(destroy).toHaveBeenCalledTimes(2);
});

test('closing destroys what is idle, and leaves what is assigned to the next process', async () => {
  const [busy] = await readyMachines(2);
  busy?.move('assigned');
  await pool.close();
  expect(await driver.list()).toEqual([busy?.id]);
  pool.make(1);
  expect(pool.count('creating')).toBe(0);
});

test('there are never more machines than may exist, those that are being destroyed included; a place that is free is told', async () => {
  let held: (() => void) | undefined;
  const states: string[] = [];
  const gone = (): Promise<void> => new Promise((resolve) => (held = resolve));
  const changed = (machine: Machine): void => void states.push(`${machine.state} ${pool.room}`);
  pool = open({ gone, changed }, undefined, { machines: 2 });
  pool.make(5);
  expect(pool.machines.size).toBe(2);
  await eventually(() => expect(pool.ready()).toHaveLength(2));
  const [first] = pool.ready();
  if (first === undefined) throw new Error('no machine');
  const destroyed = pool.destroy(first);
  await eventually(() => expect(held).toBeDefined());
  pool.make(1);
  expect([pool.room, pool.count('creating')]).toEqual([0, 0]);
  held?.();
  await destroyed;
  expect(states.at(-1)).toBe('gone 1');
  pool.make(1);
  expect(pool.count('creating')).toBe(1);
  await eventually(() => expect(pool.ready()).toHaveLength(2));
  pool = open();
});

test.each([
  ['lost with its host takes no place of another', true, 1],
  ['still there takes its place until it is gone', false, 0],
])('a machine that cannot be destroyed and is %s', async (_, lost, room) => {
  pool = open({}, undefined, { machines: 1 });
  const [machine] = await readyMachines(1);
  if (machine === undefined) throw new Error('no machine');
  if (lost) controller.lose(machine.id);
  const destroy = vi.spyOn(driver, 'destroy').mockRejectedValue(new PluginError('unavailable', 'its host does not answer'));
  const gone = pool.destroy(machine);
  await eventually(() => expect(destroy).toHaveBeenCalledTimes(2));
  expect(pool.room).toBe(room);
  destroy.mockRestore();
  await gone;
  expect(pool.room).toBe(1);
});

test('a driver that had no place is asked again as soon as there is one, and not before', async () => {
  controller.capacity = 1;
  const [first] = await readyMachines(1);
  pool.make(3);
  await eventually(() => expect(pool.machines.size).toBe(1));
  expect(pool.problem).toMatch(/All 1 machines are in use. \(next try in 0.2 s\)/);
  pool.make(3);
  expect(pool.count('creating')).toBe(0);
  if (first !== undefined) await pool.destroy(first);
  pool.placeIsFree();
  pool.make(3);
  expect(pool.count('creating')).toBe(1);
  await eventually(() => expect(pool.ready()).toHaveLength(1));
});

test('a free place is nothing to a driver that has another trouble', async () => {
  controller.failNextCreate(new PluginError('unavailable', 'away'));
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  pool.placeIsFree();
  pool.make(1);
  expect(pool.count('creating')).toBe(0);
});

test('a machine of an image that the driver does not know of is nobody to wait for', async () => {
  let asked = 0;
  const imageDiffers = (): Promise<void> => {
    asked += 1;
    return Promise.resolve();
  };
  controller.image = { ...controller.image, digest: 'a'.repeat(64) };
  pool = open({ imageDiffers });
  controller.image = { ...controller.image, digest: 'b'.repeat(64) };
  pool.make(1);
  await eventually(() => expect(pool.machines.size).toBe(0));
  expect([asked, pool.problem]).toEqual([1, expect.stringContaining('its image was made anew meanwhile')]);
  expect(await driver.list()).toEqual([]);
});

test('a machine that had a job is asked before it is destroyed, one that had none is not', async () => {
  const [busy, idle] = await readyMachines(2);
  busy?.move('assigned');
  told = [];
  if (busy !== undefined) await pool.destroy(busy);
  if (idle !== undefined) await pool.destroy(idle);
  expect(told).toEqual(['leaving', 'gone', 'gone']);
});

test('a machine goes only the ways of the table', () => {
  const machine = new Machine('m1', 'pool', 'creating');
  expect(() => machine.move('assigned')).toThrow('cannot go from creating to assigned');
  machine.move('ready');
  machine.move('assigned');
  expect(() => machine.move('ready')).toThrow('cannot go');
  machine.move('destroying');
  machine.move('gone');
  for (const state of ['ready', 'assigned', 'creating', 'destroying'] as const) expect(() => machine.move(state)).toThrow('cannot go');
});
