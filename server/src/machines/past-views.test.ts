import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PluginError } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { MachineViews } from './machine-views.ts';
import { readPoolHistory } from './past-views.ts';
import { PoolHistory } from './pool-history.ts';
import { eventually, TestPools } from './testing/pools.ts';

const NOON = new Date('2026-01-01T12:00:30Z');

let database: TestDatabase;
let server: TestPools;
let views: MachineViews;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, machine_lives, pool_samples, attempts, jobs, builds cascade');
  server = new TestPools(database, undefined, ['images', 'hosts']);
  server.controller.host = 'north';
  views = new MachineViews(database.pool, server.pools);
  await server.open();
  await server.pools.lead();
});

afterEach(() => server.close());

async function queuedJob(): Promise<number> {
  const build = await withTransaction(database, async (client) => insertBuild(client, newBuild(await insertProject(database), [jobSpec('a')])));
  return (await jobsOf(database, build))[0]?.id ?? 0;
}

function history(): PoolHistory {
  return new PoolHistory({ database: database.pool, logger: database.logger, days: 14, snapshot: () => server.pools.snapshot() });
}

async function samples(minutesAgo: readonly (readonly [minutes: number, busy: number])[], pool = 'pool'): Promise<void> {
  await database.pool.query(
    `insert into pool_samples (pool, at, ready, creating, busy, waiting)
     select $1, $2::timestamptz - make_interval(mins => m), 0, 0, b, 0 from unnest($3::int[], $4::int[]) as s (m, b)`,
    [pool, NOON, minutesAgo.map(([minutes]) => minutes), minutesAgo.map(([, busy]) => busy)],
  );
}

test('a machine has one life: as long as it exists, and after', async () => {
  const job = await queuedJob();
  const [id = ''] = await server.make(1);
  server.pools.assigned(id, job);
  const [living] = await views.lives(10, null, 'all');
  expect(living).toMatchObject({ id, pool: 'pool', image: 'fake', host: 'north', goneAt: null, job: { id: job, name: 'a' } });
  expect((await views.all('all')).machines).toMatchObject([{ id, state: 'assigned', job: { id: job, name: 'a' } }]);
  await server.pools.release(id);
  await eventually(() => expect(server.pools.machineViews()).toEqual([]));
  const [past] = await views.lives(10, 'pool', 'all');
  expect(past).toMatchObject({ id, host: 'north', job: { id: job, name: 'a' }, reason: null });
  const moments = [past?.createdAt, past?.readyAt, past?.assignedAt, past?.releasedAt, past?.goneAt].map((at) => Date.parse(at ?? ''));
  expect(moments).toEqual(moments.toSorted((one, other) => one - other));
  expect(await views.lives(10, 'another', 'all')).toEqual([]);
});

test('a machine that failed while it was made has a life without readiness, with why', async () => {
  server.controller.failNextCreate(new PluginError('unavailable', 'no disk'));
  server.pools.make(new Map([['pool', 1]]));
  await eventually(async () =>
    expect(await views.lives(10, null, 'all')).toMatchObject([{ readyAt: null, reason: 'no disk', goneAt: expect.any(String) }]),
  );
});

test('lives are the newest, the living first', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    const [id = ''] = await server.make(1);
    ids.unshift(id);
    if (index === 2) break;
    server.pools.assigned(id, 1);
    await server.pools.release(id);
    await eventually(() => expect(server.pools.machineViews()).toEqual([]));
  }
  expect((await views.lives(10, null, 'all')).map((life) => life.id)).toEqual(ids);
  expect((await views.lives(2, null, 'all')).map((life) => life.id)).toEqual(ids.slice(0, 2));
});

test('a sample says how a pool stands and how many jobs it could run wait; once a minute', async () => {
  await queuedJob();
  await queuedJob();
  await server.make(1);
  await history().sample(NOON);
  await history().sample(NOON);
  const { rows } = await database.pool.query('select * from pool_samples');
  expect(rows).toEqual([{ pool: 'pool', at: new Date('2026-01-01T12:00:00Z'), ready: 1, creating: 0, busy: 0, waiting: 2 }]);
});

test('how many jobs wait for a pool is what is so now, not at the last sample', async () => {
  await history().sample(NOON);
  await queuedJob();
  expect((await views.all('all')).pools.map(({ waiting }) => waiting)).toEqual([1]);
  await database.pool.query(`update jobs set state = 'canceled'`);
  expect((await views.all('all')).pools.map(({ waiting }) => waiting)).toEqual([0]);
});

test('a sample is taken when a minute begins', async () => {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: minute - 30_000 });
  const kept = history();
  const taken = new Promise<Date>((resolve) => {
    vi.spyOn(kept, 'sample').mockImplementation(async (now) => resolve(now));
  });
  kept.start();
  vi.advanceTimersByTime(30_000);
  kept.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  expect((await taken).getTime()).toBe(minute);
  await kept.stopped;
});

test('what is older than is kept is forgotten', async () => {
  await database.pool.query(
    `insert into pool_samples select 'pool', now() - make_interval(days => d), 0, 0, 0, 0 from generate_series(13, 15) as d;
     insert into machine_lives (id, pool, driver, image, created_at, gone_at)
       select d, 'pool', 'lab', 'fake', now() - make_interval(days => d + 1), now() - make_interval(days => d) from generate_series(13, 15) as d`,
  );
  await history().prune();
  const { rows } = await database.pool.query(
    'select (select count(*)::int from pool_samples) as samples, array(select id from machine_lives) as lives',
  );
  expect(rows).toEqual([{ samples: 1, lives: ['13'] }]);
});

test('a history has every minute of a short time, and no peak of a long one is lost', async () => {
  await samples([
    [0, 1],
    [59, 2],
    [61, 9],
    [700, 7],
    [699, 3],
  ]);
  const hour = await readPoolHistory(database.pool, ['pool'], 1, NOON);
  expect(hour[0]?.samples.map(({ at, busy }) => [at, busy])).toEqual([
    ['2026-01-01T11:01:00.000Z', 2],
    ['2026-01-01T12:00:00.000Z', 1],
  ]);
  const day = await readPoolHistory(database.pool, ['pool'], 24, NOON);
  expect(day[0]?.samples.map(({ busy }) => busy)).toEqual([7, 9, 2, 1]);
});

test.each([1, 6, 7, 24, 24 * 14])('a history of %i hours has 360 points at most', async (hours) => {
  await samples(Array.from({ length: hours * 60 + 10 }, (_, minute) => [minute, 1]));
  const [pool] = await readPoolHistory(database.pool, ['pool'], hours, NOON);
  expect(pool?.samples.length).toBeLessThanOrEqual(360);
  expect(pool?.samples.length).toBeGreaterThan(Math.min(hours * 60, 360) / 2);
});

test('a pool without samples has an empty history; one that is no more has its own still', async () => {
  await samples([[0, 1]], 'former');
  const found = await readPoolHistory(database.pool, ['pool'], 1, NOON);
  expect(found.map(({ pool, samples: list }) => [pool, list.length])).toEqual([
    ['pool', 0],
    ['former', 1],
  ]);
});

test('images are told with the name of their runner', async () => {
  const digest = 'c'.repeat(64);
  const madeAt = new Date('2026-01-01T00:00:00Z');
  const image = { digest, origin: 'built' as const, system: 'linux', architecture: 'x86_64', bytes: 5, madeAt, interpreters: [], labels: {} };
  const kept = { ...image, packages: [], recipe: null, snapshot: true, machines: 1 };
  server.controller.stored = [
    { ...kept, name: 'b' },
    { ...kept, name: 'a' },
  ];
  const told = await views.images();
  expect(told.map(({ name, driver, madeAt: at }) => [name, driver, at])).toEqual([
    ['a', 'lab', '2026-01-01T00:00:00.000Z'],
    ['b', 'lab', '2026-01-01T00:00:00.000Z'],
  ]);
});

test('the machines page has the hosts', async () => {
  server.controller.hosts = [{ name: 'north', state: 'drained', problem: 'it does not answer', machines: 1, limit: 4, accelerator: 'tcg' }];
  expect((await views.all('all')).hosts).toEqual([
    { name: 'north', driver: 'lab', state: 'drained', problem: 'it does not answer', machines: 1, limit: 4, accelerator: 'tcg' },
  ]);
});
