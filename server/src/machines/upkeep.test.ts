import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { recordingLogger } from '../../../test/support/logger.ts';
import type { PoolConfig } from '../config/index.ts';
import { MachinePool } from './machine-pool.ts';
import { Machine } from './machine.ts';
import { POOL } from './testing/pools.ts';
import { agedMachines, dueMachines } from './upkeep.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const controller = new FakeRunnerController();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A pool with machines that became ready so many minutes before noon, the first the oldest. */
function poolOf(minutes: readonly number[], changed: Partial<PoolConfig> = {}): MachinePool {
  const nothing = (): Promise<void> => Promise.resolve();
  const hooks = {
    ready: nothing,
    leaving: nothing,
    gone: nothing,
    changed: () => undefined,
    packages: () => Promise.resolve(null),
    imageDiffers: nothing,
  };
  const pool = new MachinePool({ ...POOL, ...changed }, new FakeRunner(controller), hooks, recordingLogger());
  pool.see(controller.image);
  minutes.forEach((age, index) => {
    vi.setSystemTime(NOON - age * 60_000);
    pool.adopt(new Machine(`m${index}`, 'pool', 'ready'));
  });
  vi.setSystemTime(NOON);
  return pool;
}

function due(pool: MachinePool): string[] {
  return dueMachines(pool, Date.now()).map(({ machine }) => machine.id);
}

test.each([
  ['all are young', [59, 1], {}, []],
  ['two are old, and none has come in their place', [61, 60], {}, []],
  ['two are old, and one has come in their place', [61, 60, 1], {}, ['m0']],
  ['two are old, and two have come in their place', [61, 60, 1, 0], {}, ['m0', 'm1']],
  ['there is no room for others: one at a time', [62, 61], { machines: 2, jobs: 2 }, ['m0']],
  ['the pool keeps none ready', [61], { ready: 0 }, ['m0']],
  ['one more than is kept ready is unused, but not for long', [4, 4, 4], {}, []],
  ['more than are kept ready have been unused for long', [9, 8, 7, 6], {}, ['m0', 'm1']],
  ['of those beyond only one has been unused for long', [9, 1, 1, 1], {}, ['m0']],
  ['as many as are kept ready have been unused for long', [9, 8], {}, []],
])('%s', (_, minutes, changed, gone) => {
  expect(due(poolOf(minutes, changed))).toEqual(gone);
});

test('machines of a former image go, and do not count among those that are ready', () => {
  const pool = poolOf([1, 1]);
  pool.see({ ...controller.image, digest: 'b'.repeat(64) });
  expect(pool.ready()).toEqual([]);
  expect(dueMachines(pool, Date.now()).map(({ reason }) => reason)).toEqual(Array(2).fill('image fake has changed since it was made'));
});

test('the same image again changes nothing, another interpreter does', () => {
  const pool = poolOf([1]);
  pool.see(structuredClone(controller.image));
  expect(due(pool)).toEqual([]);
  pool.see({ ...controller.image, interpreters: [] });
  expect(due(pool)).toEqual(['m0']);
});

test('a machine is too old to the minute', () => {
  expect(agedMachines(poolOf([60, 59.9]), Date.now()).map(({ id }) => id)).toEqual(['m0']);
});
