import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { Registry } from '../plugins/index.ts';
import { MachinePool } from './machine-pool.ts';
import { MachineRows } from './machine-rows.ts';
import { Machine } from './machine.ts';
import { Reaper } from './reaper.ts';

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
  ['ready', 'destroying'],
  ['assigned', 'ready'],
])('a ready machine that is not there any more, and that the tables call %s, is %s after a round', async (written, after) => {
  const driver = new FakeRunner(controller);
  const registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'fake', extension: driver });
  const settings = { name: 'pool', runner: 'lab', image: controller.image, jobs: 1, ready: 1, allow: [], resources: null };
  // What is destroyed stays in sight: it is never said to be gone.
  const hooks = { ready: () => Promise.resolve(), gone: () => new Promise<void>(() => undefined), changed: () => undefined };
  const pool = new MachinePool(settings, driver, hooks, database.logger);
  const machine = new Machine(`m${randomUUID()}`, 'pool', 'ready');
  pool.adopt(machine);
  await database.pool.query(`insert into machines (id, pool, driver, image, state, owner) values ($1, 'pool', 'lab', 'fake', $2, $3)`, [
    machine.id,
    written,
    randomUUID(),
  ]);
  const rows = new MachineRows(database.pool);
  const reaper = new Reaper({ database: database.pool, rows, registry, logger: database.logger, pools: new Map([['pool', pool]]) });
  await reaper.round(AbortSignal.timeout(60_000));
  expect(machine.state).toBe(after);
});
