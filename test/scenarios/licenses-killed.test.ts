import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { seeded } from './random.ts';
import { machines, Scenario, until } from './support.ts';

/** How many seats are taken and given back; `LICENSE_CYCLES=10000` for the figure of docs/PERFORMANCE.md. */
const CYCLES = Number(process.env['LICENSE_CYCLES'] ?? 400);
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const PRODUCTS = ['msvc', 'oracle', 'ndk', 'qnx', 'matlab'] as const;
const SEATS = 2;
const MACHINES = 8;
const JOBS_PER_BUILD = 100;
/** Between two kills at most; some come while a server is still starting. */
const LONGEST_PEACE_MS = 4000;
const PATIENCE_MS = 120_000 + CYCLES * 400;

vi.setConfig({ testTimeout: PATIENCE_MS + 60_000, hookTimeout: 180_000 });

const random = seeded(SEED);
let database: DatabaseUrl;
let witness: Client;
let first: Scenario;
let second: TestServer;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  witness = new Client(database.url);
  await witness.connect();
  // Looks in the very transaction that takes seats, so that no moment is missed.
  await witness.query(`
    create table overcommits (pool text, taken int, seats int, at timestamptz default now());
    create function note_overcommits() returns trigger language plpgsql as $$ begin
      insert into overcommits (pool, taken, seats)
      select p.name, count(*), p.seats from license_leases l join license_pools p on p.id = l.pool_id
      where l.state = 'held' and l.attempt_id is not null or l.state = 'quarantined' and l.free_at > now() group by p.id having count(*) > p.seats;
      return null; end $$;
    create trigger note_overcommits after insert on license_leases for each statement execute function note_overcommits()`);
  const environment = { DATABASE_URL: database.url, TERRARIUM_SAMPLE: 'no' };
  first = await Scenario.open(machines(MACHINES), { database: 'own', environment });
  second = await startServer({
    database: 'own',
    config: machines(MACHINES),
    environment: { ...environment, TERRARIUM_DATA: first.server.folder },
  });
  for (const product of PRODUCTS) await first.json('PUT', `/api/licenses/${product}`, { product, seats: SEATS, quarantineSeconds: 2 });
});

afterAll(async () => {
  await second?.stop();
  await first?.close();
  await witness?.end();
  await database?.drop();
});

test(`${CYCLES} seats are taken and given back while servers are killed (CHAOS_SEED=${SEED}): never more than there are, none lost`, async () => {
  const jobs = Array.from({ length: JOBS_PER_BUILD }, (_, index) => ({
    name: `j${index}`,
    licenses: someProducts(),
    test: index % 10 === 0 ? 'sleep 1' : 'true',
  }));
  const project = await first.project('cycles', JSON.stringify({ checkout: false, jobs }));
  const perBuild = jobs.reduce((sum, { licenses }) => sum + licenses.length, 0);
  const builds = [];
  for (let cycles = 0; cycles < CYCLES; cycles += perBuild) builds.push((await first.start(project.id)).id);
  const kills = await killUntil(async () => (await one('select count(*)::int as count from jobs where finished_at is null')) === 0);
  expect(kills).toBeGreaterThan(0);
  expect((await witness.query('select * from overcommits')).rows).toEqual([]);
  expect(await one('select count(*)::int as count from license_leases')).toBeGreaterThanOrEqual(CYCLES);
  expect(await one(`select count(*)::int as count from license_leases where state = 'held'`)).toBe(0);
  await until('every quarantine to end', async () =>
    (await one(`select count(*)::int as count from license_leases where state = 'quarantined' and free_at > now()`)) === 0 ? true : null,
  );
  expect(await one(`select count(*)::int as count from jobs where state not in ('passed')`)).toBe(0);
});

/** One to three of them. */
function someProducts(): string[] {
  const shuffled = PRODUCTS.toSorted(() => random() - 0.5);
  return shuffled.slice(0, 1 + Math.floor(random() * 3)).toSorted();
}

/** Kills one server or the other, again and again, until everything is done. Returns how often. */
async function killUntil(done: () => Promise<boolean>): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  for (let kills = 0; ; kills += 1) {
    const server = random() < 0.5 ? first.server : second;
    await server.kill('SIGKILL');
    await server.restart();
    if (await done()) return kills + 1;
    if (Date.now() > end) throw new Error(`not done after ${kills} kills`);
    await pause(random() * LONGEST_PEACE_MS);
  }
}

async function one(sql: string): Promise<number> {
  return (await witness.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
}
