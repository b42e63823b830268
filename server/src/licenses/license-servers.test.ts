import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { FakeLicenses, FakeLicenseServer } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { Audit } from '../audit/audit.ts';
import { insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { withTransaction } from '../database/index.ts';
import { Registry } from '../plugins/index.ts';
import { LicenseServers } from './license-servers.ts';
import { seatsNow } from './sql/seats-now.ts';

vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;

let database: TestDatabase;
let events: DomainEvents;
let wakes: number;
let vendor: FakeLicenseServer;
let registry: Registry;
let logger: ReturnType<typeof recordingLogger>;
let servers: LicenseServers;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database?.close());

beforeEach(async () => {
  await database.pool.query('delete from license_pools; delete from audit');
  events = new DomainEvents();
  wakes = 0;
  events.on('wake', () => {
    wakes += 1;
  });
  vendor = new FakeLicenseServer();
  vendor.seats.set('solver', 10);
  registry = new Registry();
  registry.add('licenses', { name: 'vendor', plugin: 'licenses-fake', extension: new FakeLicenses(vendor) });
  logger = recordingLogger();
  servers = new LicenseServers({ database, events, audit: new Audit(database.pool, logger), registry, logger });
});

afterEach(() => servers.stop());

async function look(): Promise<void> {
  await servers.look();
}

async function addPool(name: string, seats: number, more: { feature?: string; server?: string } = {}): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into license_pools (name, product, seats, quarantine_seconds, server, feature) values ($1, 'solver', $2, 3600, $3, $4) returning id`,
    [name, seats, more.server ?? 'vendor', more.feature ?? 'solver'],
  );
  return rows[0]?.id ?? 0;
}

interface PoolNow {
  readonly name: string;
  readonly seats: number | null;
  readonly outside: number;
  readonly problem: string | null;
}

async function poolsNow(): Promise<PoolNow[]> {
  const { rows } = await database.pool.query<PoolNow>('select name, server_seats as seats, outside, problem from license_pools order by name');
  return rows;
}

/** A lease of some job, from and to so many minutes ago; null: held still, by an attempt that runs. */
async function addLease(poolId: number, from: number, to: number | null): Promise<number> {
  const projectId = await insertProject(database);
  const build = await withTransaction(database, (client) => insertBuild(client, newBuild(projectId, [jobSpec('j')])));
  const [job] = await jobsOf(database, build);
  const attempt = await database.pool.query<{ id: number }>(
    `insert into attempts (job_id, number, machine_id, image, owner, state, lease_until) values ($1, 1, null, 'local', gen_random_uuid(), 'running', now() + interval '1 hour') returning id`,
    [job?.id],
  );
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into license_leases (pool_id, attempt_id, job_id, project_id, state, taken_at, released_at, free_at)
     select $1, $2, $3, $4, case when $6::float is null then 'held' else 'quarantined' end, now() - make_interval(secs => 60 * $5::float),
       now() - make_interval(secs => 60 * $6::float), case when $6::float is not null then now() + interval '1 hour' end returning id`,
    [poolId, attempt.rows[0]?.id, job?.id, projectId, from, to],
  );
  return rows[0]?.id ?? 0;
}

async function stateOf(leaseId: number): Promise<unknown> {
  const { rows } = await database.pool.query<{ state: string }>('select state from license_leases where id = $1', [leaseId]);
  return rows[0]?.state;
}

async function deeds(): Promise<unknown[]> {
  return (await database.pool.query('select who, action, target, details from audit order by id')).rows;
}

/** To the whole minute, as servers tell it. */
function ago(minutes: number): Date {
  return new Date(Math.floor((Date.now() - minutes * MINUTE) / MINUTE) * MINUTE);
}

test('seats that others have are told, and only what is new wakes anybody', async () => {
  await addPool('site', 8);
  const use = vendor.take('solver', { seats: 3 });
  await look();
  expect(await poolsNow()).toEqual([{ name: 'site', seats: 10, outside: 3, problem: null }]);
  expect(wakes).toBe(1);
  await look();
  expect(wakes).toBe(1);
  vendor.uses.set('solver', [{ ...use, seats: 4 }]);
  await look();
  expect([wakes, (await poolsNow())[0]?.outside]).toEqual([2, 4]);
  const { rows } = await database.pool.query(`select checked_at > now() - interval '1 minute' as recent from license_pools`);
  expect(rows).toEqual([{ recent: true }]);
});

test('pools of one feature share what the server has, and others do not matter', async () => {
  vendor.seats.set('mesher', 2);
  const first = await addPool('a', 4);
  await addPool('b', 6);
  await addPool('c', 5, { feature: 'mesher' });
  await addLease(first, 5, null);
  vendor.take('solver', { seats: 2 });
  await look();
  // Of eight that are left a gets 4 and b the other 4.
  expect(await poolsNow()).toMatchObject([
    { name: 'a', seats: 10, outside: 6 },
    { name: 'b', seats: 10, outside: 6 },
    { name: 'c', seats: 2, outside: 0 },
  ]);
  const usable = (await seatsNow(database.pool)).map(({ name, seats, free, outside }) => [name, seats, free, outside]);
  expect(new Set(usable)).toEqual(
    new Set([
      ['a', 4, 3, 0],
      ['b', 4, 4, 2],
      ['c', 2, 2, 0],
    ]),
  );
});

test('a server that cannot be asked leaves the last numbers, and says why', async () => {
  await addPool('site', 8);
  vendor.take('solver', { seats: 3 });
  await look();
  vendor.behaviour = 'away';
  await look();
  await look();
  expect(await poolsNow()).toEqual([{ name: 'site', seats: 10, outside: 3, problem: expect.stringContaining('away') }]);
  expect(wakes).toBe(2);
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  vendor.behaviour = 'answering';
  await look();
  expect(await poolsNow()).toMatchObject([{ problem: null }]);
  expect(wakes).toBe(3);
});

test('a server that is no longer configured, and a feature that there is not, are said of their pools alone', async () => {
  await addPool('a', 8, { server: 'gone' });
  await addPool('b', 8, { feature: 'nothing' });
  await addPool('c', 8);
  await look();
  expect(await poolsNow()).toEqual([
    { name: 'a', seats: null, outside: 0, problem: expect.stringContaining('no licence server "gone"') },
    { name: 'b', seats: null, outside: 0, problem: expect.stringContaining('no feature') },
    { name: 'c', seats: 10, outside: 0, problem: null },
  ]);
});

test('a quarantine ends once the server shows that its seat is free', async () => {
  const pool = await addPool('site', 8);
  const free = await addLease(pool, 20, 15);
  const counted = await addLease(pool, 9, 5);
  const fresh = await addLease(pool, 0.2, 0.1);
  vendor.take('solver', { isOurs: true, since: ago(8), handle: null });
  await look();
  expect([await stateOf(free), await stateOf(counted), await stateOf(fresh)]).toEqual(['returned', 'quarantined', 'quarantined']);
  expect(await deeds()).toEqual([
    { who: 'terrarium', action: 'license.freed', target: 'licence pool site', details: { lease: free, server: 'vendor', feature: 'solver' } },
  ]);
  expect((await poolsNow())[0]?.outside).toBe(0);
});

test('what a killed client has left is removed, and its quarantine ends with it', async () => {
  const pool = await addPool('site', 8);
  const killed = await addLease(pool, 30, 25);
  const living = await addLease(pool, 10, null);
  const left = vendor.take('solver', { user: 'ci', host: 'w1', isOurs: true, since: ago(28) });
  const used = vendor.take('solver', { user: 'ci', host: 'w2', isOurs: true, since: ago(9) });
  await look();
  expect(vendor.removed).toEqual([left.handle]);
  expect(vendor.uses.get('solver')).toEqual([used]);
  expect([await stateOf(killed), await stateOf(living)]).toEqual(['returned', 'held']);
  const since = ago(28).toISOString();
  expect(await deeds()).toMatchObject([
    { who: 'terrarium', action: 'license.reclaim', target: 'feature solver of vendor', details: { user: 'ci', host: 'w1', seats: 1, since } },
    { action: 'license.freed' },
  ]);
});

test('what may not be removed is tried once, and the quarantine goes on', async () => {
  const pool = await addPool('site', 8);
  const killed = await addLease(pool, 30, 25);
  vendor.take('solver', { isOurs: true, since: ago(28) });
  vendor.behaviour = 'forbidding';
  await look();
  await look();
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  expect([vendor.removed, await stateOf(killed), await deeds()]).toEqual([[], 'quarantined', []]);
});

test('jobs of another pool of the product keep what they may have', async () => {
  const pool = await addPool('site', 8);
  await addLease(pool, 30, 25);
  await addLease(await addPool('other', 2, { feature: 'mesher' }), 29, null);
  vendor.take('solver', { isOurs: true, since: ago(28) });
  await look();
  expect(vendor.removed).toEqual([]);
});

test('who stops does not wait for a silent server, and writes nothing', async () => {
  vendor.seats.set('mesher', 2);
  await addPool('site', 8);
  vendor.behaviour = 'silent';
  servers.start();
  await vi.waitFor(() => expect(vendor.waiting).toBe(1));
  await database.pool.query(`update license_pools set feature = 'mesher'`);
  vendor.behaviour = 'answering';
  await servers.stop();
  expect(await poolsNow()).toEqual([{ name: 'site', seats: null, outside: 0, problem: null }]);
  servers.start();
  await look();
  expect(await poolsNow()).toEqual([{ name: 'site', seats: 2, outside: 0, problem: null }]);
});
