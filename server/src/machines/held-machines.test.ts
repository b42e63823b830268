import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { eventually, TestPools } from './testing/pools.ts';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let server: TestPools;
let jobId: number;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, machine_lives, attempts, jobs, builds cascade');
  const build = await withTransaction(database, async (client) => insertBuild(client, newBuild(await insertProject(database), [jobSpec('a')])));
  jobId = (await jobsOf(database, build))[0]?.id ?? 0;
  server = new TestPools(database);
  await server.open();
  await server.pools.lead();
});

afterEach(() => server.close());

/** A machine whose attempt has ended and is held until then. */
async function held(until: Date): Promise<string> {
  const [id = ''] = await server.make(1);
  await database.pool.query(`update machines set state = 'assigned', since = now() where id = $1`, [id]);
  await database.pool.query(
    `insert into attempts (job_id, number, state, owner, machine_id, started_at, finished_at, held_until) values ($1, 1, 'failed', $2, $3, now(), now(), $4)`,
    [jobId, server.owner, id, until],
  );
  server.pools.assigned(id, jobId);
  server.pools.hold(id, until);
  return id;
}

test('a held machine stays, is busy and says until when; it goes when it is let go', async () => {
  const id = await held(new Date(Date.now() + HOUR_MS));
  server.round();
  expect(server.pools.machineView(id)).toMatchObject({ state: 'assigned', reason: expect.stringMatching(/^held for a person .* until .* UTC$/) });
  expect(server.pools.snapshot()[0]?.busy).toBe(1);
  await server.pools.unhold(id);
  await eventually(async () => expect(await server.driver.list()).toEqual([]));
  const { rows } = await database.pool.query<{ job_id: number; held: boolean }>(
    'select job_id, released_at is not null as held, reason from machine_lives',
  );
  expect(rows).toEqual([{ job_id: jobId, held: true, reason: null }]);
});

test('a held machine goes when its time has come', async () => {
  await held(new Date(Date.now() + 30));
  await eventually(async () => expect(await server.driver.list()).toEqual([]));
});

test('what is held no longer in the tables goes in the next round', async () => {
  await held(new Date(Date.now() + HOUR_MS));
  await database.pool.query('update attempts set held_until = null');
  server.round();
  await eventually(async () => expect(await server.driver.list()).toEqual([]));
});

test('what is held longer in the tables says so after the next round', async () => {
  const id = await held(new Date(Date.now() + HOUR_MS));
  await database.pool.query("update attempts set held_until = '2100-01-01T10:30:00Z'");
  server.round();
  await eventually(() => expect(server.pools.machineView(id)?.reason).toContain('until 2100-01-01 10:30 UTC'));
});

test('letting go of a machine that is not held does nothing to it', async () => {
  const [id = ''] = await server.make(1);
  server.pools.assigned(id, jobId);
  await server.pools.unhold(id);
  expect(server.pools.machineView(id)?.state).toBe('assigned');
});

test('the next server process holds it on, and no longer than was said', async () => {
  const until = new Date(Date.now() + HOUR_MS);
  const id = await held(until);
  await server.pools.stop();
  const next = new TestPools(database, server.controller);
  await next.open();
  await next.pools.lead();
  expect(next.pools.machineView(id)).toMatchObject({ state: 'assigned', reason: expect.stringContaining('held') });
  await next.pools.stop();
  await database.pool.query("update attempts set held_until = now() - interval '1 second'");
  const last = new TestPools(database, server.controller);
  await last.open();
  await last.pools.lead();
  await eventually(async () => expect(await last.driver.list()).toEqual([]));
  await last.pools.stop();
});

test('who stands down lets go of what it held without destroying it, and its time comes in the process that has it then', async () => {
  const id = await held(new Date(Date.now() + HOUR_MS));
  server.pools.pause();
  server.pools.standDown();
  const next = new TestPools(database, server.controller);
  await next.open();
  await next.pools.lead();
  expect(server.pools.machineViews()).toEqual([]);
  expect(await next.driver.list()).toEqual([id]);
  await database.pool.query('update attempts set held_until = now()');
  next.pools.hold(id, new Date());
  await eventually(() => expect(next.pools.machineView(id)?.state).toBe('gone'));
  await next.pools.stop();
});
