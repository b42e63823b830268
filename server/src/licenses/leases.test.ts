import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { Builds } from '../builds/builds.service.ts';
import { insertMachines, insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { finishAttempts } from '../builds/sql/move-attempt.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { withTransaction } from '../database/index.ts';
import { Neighbours } from '../database/neighbours.ts';
import { beginJobs } from '../scheduling/begin-jobs.ts';
import { IS_TAKEN } from './sql/seats-now.ts';

vi.setConfig({ testTimeout: 120_000 });

const POOLS = ['a', 'b'] as const;
const QUARANTINE = 600;

let database: TestDatabase;
let builds: Builds;
const owners = [randomUUID(), randomUUID()] as const;

beforeAll(async () => {
  database = await testDatabase();
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owners[0]));
});

afterAll(() => database?.close());

beforeEach(async () => {
  await database.pool.query('delete from license_pools');
  await database.pool.query(
    `insert into license_pools (name, product, seats, quarantine_seconds) select name, name, 2, $2 from unnest($1::text[]) as name`,
    [POOLS, QUARANTINE],
  );
  await database.pool.query(
    `insert into license_keys (pool_id, name, value) select id, key, ''::bytea from license_pools, unnest(array['one', 'two']) as key where license_pools.name = 'b'`,
  );
});

/** Queued jobs of a project of their own. */
async function queued(count: number): Promise<{ projectId: number; jobIds: number[] }> {
  const projectId = await insertProject(database);
  const build = await builds.create(
    newBuild(
      projectId,
      Array.from({ length: count }, (_, index) => jobSpec(`j${index}`)),
    ),
  );
  return { projectId, jobIds: (await jobsOf(database, build)).map(({ id }) => id) };
}

async function begin(owner: string, projectId: number, jobId: number, licenses: readonly string[]): Promise<number | null> {
  const [machineId = ''] = await insertMachines(database, owner, 1);
  const jobs = [{ jobId, projectId, machineId, isolation: 'none', licenses }];
  const [attempt] = await withTransaction(database, (client) => beginJobs(client, owner, 60, jobs));
  return attempt?.attemptId ?? null;
}

async function end(owner: string, attemptId: number, inOrder: boolean): Promise<void> {
  const verdict = { attemptId, verdict: 'failed', reason: null, logSize: 0, inOrder } as const;
  await withTransaction(database, (client) => finishAttempts(client, owner, [inOrder ? verdict : { ...verdict, loss: { again: null } }]));
}

/** Lets time pass for every quarantine. */
async function pass(seconds: number): Promise<void> {
  await database.pool.query(`update license_leases set free_at = free_at - make_interval(secs => $1)`, [seconds]);
}

async function taken(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ name: string; count: number }>(
    `select p.name, count(l.id)::int as count from license_pools p left join license_leases l on l.pool_id = p.id and ${IS_TAKEN} group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

test('a job begins with all its seats or not at all, and gives them back at its end', async () => {
  const { projectId, jobIds } = await queued(4);
  const [first = 0, second = 0, third = 0, fourth = 0] = jobIds;
  const one = await begin(owners[0], projectId, first, ['a', 'b']);
  expect(await begin(owners[0], projectId, second, ['a'])).not.toBeNull();
  expect(await begin(owners[0], projectId, third, ['a', 'b'])).toBeNull();
  expect(await taken()).toEqual({ a: 2, b: 1 });
  expect(await begin(owners[0], projectId, fourth, [])).not.toBeNull();
  await end(owners[0], one ?? 0, true);
  expect(await taken()).toEqual({ a: 1, b: 0 });
  expect(await begin(owners[0], projectId, third, ['a', 'b'])).not.toBeNull();
});

test('a seat that was not given back is in quarantine until its vendor has noticed', async () => {
  const { projectId, jobIds } = await queued(1);
  const attempt = await begin(owners[0], projectId, jobIds[0] ?? 0, ['a']);
  await end(owners[0], attempt ?? 0, false);
  expect(await taken()).toMatchObject({ a: 1 });
  await pass(QUARANTINE - 60);
  expect(await taken()).toMatchObject({ a: 1 });
  await pass(120);
  expect(await taken()).toMatchObject({ a: 0 });
});

test('whose end is refused, because another server has taken the attempt over, gives nothing back', async () => {
  const { projectId, jobIds } = await queued(1);
  const attempt = (await begin(owners[0], projectId, jobIds[0] ?? 0, ['a'])) ?? 0;
  await database.pool.query('update attempts set owner = $1 where id = $2', [owners[1], attempt]);
  await end(owners[0], attempt, true);
  expect(await taken()).toMatchObject({ a: 1 });
  await end(owners[1], attempt, true);
  expect(await taken()).toMatchObject({ a: 0 });
});

test('outside of its days a pool gives no seat', async () => {
  const { projectId, jobIds } = await queued(2);
  const [first = 0, second = 0] = jobIds;
  await database.pool.query(`update license_pools set valid_until = (now() at time zone 'utc')::date - 1 where name = 'a'`);
  await database.pool.query(`update license_pools set valid_from = (now() at time zone 'utc')::date + 1 where name = 'b'`);
  expect(await begin(owners[0], projectId, first, ['a'])).toBeNull();
  expect(await begin(owners[0], projectId, first, ['b'])).toBeNull();
  await database.pool.query(`update license_pools set valid_from = (now() at time zone 'utc')::date, valid_until = (now() at time zone 'utc')::date`);
  expect(await begin(owners[0], projectId, first, ['a', 'b'])).not.toBeNull();
  expect(await begin(owners[0], projectId, second, ['a'])).not.toBeNull();
});

test('a job that names one pool twice has one seat of it', async () => {
  const { projectId, jobIds } = await queued(1);
  expect(await begin(owners[0], projectId, jobIds[0] ?? 0, ['a', 'a'])).not.toBeNull();
  expect(await taken()).toMatchObject({ a: 1 });
});

test('a project that is removed takes no seat with it', async () => {
  const { projectId, jobIds } = await queued(1);
  await begin(owners[0], projectId, jobIds[0] ?? 0, ['a']);
  await database.pool.query('delete from projects where id = $1', [projectId]);
  expect(await taken()).toMatchObject({ a: 0 });
});

/** Keys that two seats have at once. */
async function sharedKeys(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select l.key_id from license_leases l where l.key_id is not null and ${IS_TAKEN} group by 1 having count(*) > 1`,
  );
  return rows;
}

/** Something that happens. `job` and `server` are numbers of which there are fewer. */
type Event =
  | { readonly kind: 'begin'; readonly job: number; readonly server: number; readonly licenses: readonly string[] }
  | { readonly kind: 'race'; readonly jobs: readonly [number, number]; readonly licenses: readonly string[] }
  | { readonly kind: 'end'; readonly job: number; readonly inOrder: boolean }
  | { readonly kind: 'take-over'; readonly job: number }
  | { readonly kind: 'seats'; readonly pool: string; readonly seats: number }
  | { readonly kind: 'reserve'; readonly seats: number }
  | { readonly kind: 'keys'; readonly isKeyed: boolean }
  | { readonly kind: 'time'; readonly seconds: number };

const JOBS = 8;
const job = fc.nat(JOBS - 1);
const licenses = fc.subarray([...POOLS], { minLength: 1 });
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), job, server: fc.nat(1), licenses }),
  fc.record({ kind: fc.constant('race' as const), jobs: fc.tuple(job, job), licenses }),
  fc.record({ kind: fc.constant('end' as const), job, inOrder: fc.boolean() }),
  fc.record({ kind: fc.constant('take-over' as const), job }),
  fc.record({ kind: fc.constant('seats' as const), pool: fc.constantFrom(...POOLS), seats: fc.nat(3) }),
  fc.record({ kind: fc.constant('reserve' as const), seats: fc.nat(2) }),
  fc.record({ kind: fc.constant('keys' as const), isKeyed: fc.boolean() }),
  fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: -300, max: QUARANTINE }) }),
);

/** A history as it goes on; what has begun, by job. */
class History {
  private readonly running = new Map<number, { readonly attempt: number; readonly owner: string }>();
  private seats: Record<string, number> = { a: 2, b: 2 };
  /** Of pool a, for another project, which never takes any. */
  private reserved = 0;

  constructor(
    private readonly projectId: number,
    private readonly otherProject: number,
    private readonly jobIds: readonly number[],
  ) {}

  async happen(what: Event): Promise<void> {
    if (what.kind === 'begin') await this.begin(what.job, owners[what.server] ?? owners[0], what.licenses);
    if (what.kind === 'race') await Promise.all(what.jobs.map((one, index) => this.begin(one, owners[index] ?? owners[0], what.licenses)));
    if (what.kind === 'end') await this.end(what.job, what.inOrder);
    if (what.kind === 'take-over') await this.takeOver(what.job);
    if (what.kind === 'time') await pass(what.seconds);
    if (what.kind === 'reserve') await this.reserve(what.seats);
    // Keys of the two seats that pool b has at most then.
    if (what.kind === 'keys') await database.pool.query(`update license_pools set key_use = $1 where name = 'b'`, [what.isKeyed ? 'each' : 'none']);
    if (what.kind === 'seats') {
      this.seats = { ...this.seats, [what.pool]: what.seats };
      await database.pool.query('update license_pools set seats = $2 where name = $1', [what.pool, what.seats]);
    }
  }

  async endAll(): Promise<void> {
    for (const one of this.running.keys()) await this.end(one, one % 2 === 0);
    await pass(QUARANTINE + 300 * 40);
    expect(await taken()).toEqual({ a: 0, b: 0 });
  }

  private async begin(one: number, owner: string, wanted: readonly string[]): Promise<void> {
    const attempt = await begin(owner, this.projectId, this.jobIds[one] ?? 0, wanted);
    if (attempt === null) return;
    this.running.set(one, { attempt, owner });
    const now = await taken();
    for (const pool of wanted) expect(now[pool], `seats of ${pool}`).toBeLessThanOrEqual(this.seats[pool] ?? 0);
    if (wanted.includes('a')) expect((now['a'] ?? 0) + this.reserved, 'seats of a, reserved ones included').toBeLessThanOrEqual(this.seats['a'] ?? 0);
    expect(await sharedKeys()).toEqual([]);
  }

  private async reserve(seats: number): Promise<void> {
    this.reserved = seats;
    await database.pool.query('delete from license_reservations');
    await database.pool.query(
      `insert into license_reservations (pool_id, project_id, seats, from_at, until_at)
       select id, $1, $2, now() - interval '1 hour', now() + interval '1 hour' from license_pools where name = 'a' and $2 > 0`,
      [this.otherProject, seats],
    );
  }

  private async end(one: number, inOrder: boolean): Promise<void> {
    const found = this.running.get(one);
    if (found === undefined) return;
    await end(found.owner, found.attempt, inOrder);
    this.running.delete(one);
    // The job may begin again, as after a restart.
    await database.pool.query(`update jobs set state = 'queued', finished_at = null where id = $1`, [this.jobIds[one]]);
  }

  private async takeOver(one: number): Promise<void> {
    const found = this.running.get(one);
    if (found === undefined) return;
    const owner = found.owner === owners[0] ? owners[1] : owners[0];
    await database.pool.query('update attempts set owner = $1 where id = $2', [owner, found.attempt]);
    this.running.set(one, { ...found, owner });
  }
}

test('whatever happens, never more seats are taken than there are, and all are free again in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      await database.pool.query('delete from license_leases');
      await database.pool.query(`update license_pools set seats = 2, key_use = 'none'`);
      await database.pool.query('delete from license_reservations');
      const { projectId, jobIds } = await queued(JOBS);
      const history = new History(projectId, await insertProject(database), jobIds);
      for (const one of events) await history.happen(one);
      await history.endAll();
    }),
    { numRuns: 60 },
  );
});
