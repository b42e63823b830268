import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { Registry } from '../plugins/index.ts';
import { MachinePool } from './machine-pool.ts';
import { MachineRows } from './machine-rows.ts';
import { Machine } from './machine.ts';
import { PoolImages } from './pool-images.ts';
import { Reaper } from './reaper.ts';
import { POOL } from './testing/pools.ts';
import { Upkeep } from './upkeep.ts';

const controller = new FakeRunnerController();
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await controller.close();
  await database?.close();
});

test.each([
  ['is no longer listed', 'ready', 'destroying', 'it was no longer there'],
  ['has died', 'ready', 'destroying', 'it had died while it waited'],
  ['has died', 'assigned', 'ready', null],
])('a ready machine that %s, and that the tables call %s, is %s after a round', async (how, written, after, ending) => {
  const driver = new FakeRunner(controller);
  const registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'fake', extension: driver });
  // What is destroyed stays in sight: it is never said to be gone.
  const hooks = {
    ready: () => Promise.resolve(),
    leaving: () => Promise.resolve(),
    gone: () => new Promise<void>(() => undefined),
    changed: () => undefined,
    packages: () => Promise.resolve(null),
    imageDiffers: () => Promise.resolve(),
  };
  const pool = new MachinePool(POOL, driver, hooks, database.logger);
  pool.see(controller.image);
  const machine = new Machine(`m${randomUUID()}`, 'pool', 'ready');
  if (how === 'has died') {
    await driver.create({ id: machine.id, image: 'fake' }, AbortSignal.timeout(10_000));
    controller.lose(machine.id);
  }
  pool.adopt(machine);
  const owner = randomUUID();
  await database.pool.query(`insert into machines (id, pool, driver, image, state, owner) values ($1, 'pool', 'lab', 'fake', $2, $3)`, [
    machine.id,
    written,
    owner,
  ]);
  const pools = new Map([['pool', pool]]);
  const upkeep = new Upkeep({ database: database.pool, owner, logger: database.logger, wake: () => undefined });
  const reaper = new Reaper({
    database: database.pool,
    rows: new MachineRows(database.pool, owner),
    registry,
    logger: database.logger,
    pools,
    upkeep,
    images: new PoolImages(registry, pools, () => Promise.resolve()),
    checkHeld: () => Promise.resolve(),
  });
  await reaper.round(AbortSignal.timeout(60_000));
  expect([machine.state, machine.ending]).toEqual([after, ending]);
});
