import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { Builds } from './builds.service.ts';
import { assign, buildOf, insertProject, jobsOf, jobSpec, newBuild } from './testing/rows.ts';

const owner = randomUUID();
const REASON = 'a newer build of the same branch took its place';
let database: TestDatabase;
let events: DomainEvents;
let builds: Builds;
let projectId: number;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
  projectId = await insertProject(database, { cancelSuperseded: true });
});

async function cancellation(attemptId: number): Promise<{ requested: boolean; reason: string | null }> {
  const { rows } = await database.pool.query<{ requested: boolean; reason: string | null }>(
    'select cancel_requested as requested, cancel_reason as reason from attempts where id = $1',
    [attemptId],
  );
  return rows[0] ?? { requested: false, reason: 'no such attempt' };
}

/** A build with one job that runs and one that waits. */
async function begun(): Promise<{ id: number; attemptId: number }> {
  const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')]));
  const [attempt] = await assign(database, owner, [(await jobsOf(database, id))[0]?.id ?? 0]);
  return { id, attemptId: attempt?.attemptId ?? 0 };
}

test('the older build ends together with the making of the newer one, and all of it is told with its reason', async () => {
  const older = await begun();
  const told: unknown[] = [];
  events.on('cancel', (ids) => told.push(ids));
  events.on('builds', (ids) => told.push(ids));
  const newer = await builds.create(newBuild(projectId, [jobSpec('a')]));
  expect((await jobsOf(database, older.id)).map((job) => [job.state, job.reason])).toEqual([
    ['starting', null],
    ['canceled', REASON],
  ]);
  expect(await cancellation(older.attemptId)).toEqual({ requested: true, reason: REASON });
  expect(told).toEqual([[older.attemptId], [newer, older.id]]);
});

test('if the newer build cannot be made, the older one goes on', async () => {
  const older = await begun();
  const build = newBuild(projectId, [jobSpec('a')]);
  await expect(builds.create({ ...build, plan: { ...build.plan, stages: ['other'] } })).rejects.toThrow('stage');
  expect(await buildOf(database, older.id)).toMatchObject({ finished: false });
  expect(await cancellation(older.attemptId)).toEqual({ requested: false, reason: null });
});

test('two at once leave one that runs', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => builds.create(newBuild(projectId, [jobSpec('a')]))));
  const states = await Promise.all(ids.map(async (id) => (await buildOf(database, id)).state));
  expect(states.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'canceled'), 'queued']);
});

test('who cancels first gives the reason', async () => {
  const { id, attemptId } = await begun();
  await builds.cancelBuild(id);
  await builds.create(newBuild(projectId, [jobSpec('a')]));
  expect(await cancellation(attemptId)).toEqual({ requested: true, reason: 'cancelled by hand' });
});

test('that nobody else can be told makes nothing fail that is committed', async () => {
  const pool = new Pool({ connectionString: database.url });
  await pool.end();
  const lonely = new Builds(database, events, new Neighbours({ ...database, pool }, events, owner));
  const id = await lonely.create(newBuild(projectId, [jobSpec('a')]));
  expect(await buildOf(database, id)).toMatchObject({ state: 'queued' });
  expect(database.logger.lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('could not be told') });
});

test('thousands of cancelled attempts are no notification too large', async () => {
  const listener = await database.pool.connect();
  const heard = new Promise<string>((resolve) => listener.once('notification', ({ payload }) => resolve(payload ?? '')));
  const id = await builds.create(
    newBuild(
      projectId,
      Array.from({ length: 1500 }, (_, index) => jobSpec(`j${index}`)),
    ),
  );
  const ids = (await jobsOf(database, id)).map((job) => job.id);
  expect(await assign(database, owner, ids)).toHaveLength(1500);
  await listener.query('listen terrarium');
  const cancelled: number[] = [];
  events.on('cancel', (some) => cancelled.push(...some));
  await builds.cancelBuild(id);
  expect(cancelled).toHaveLength(1500);
  expect(JSON.parse(await heard)).toEqual({ from: owner, cancel: [] });
  listener.release(true);
});
