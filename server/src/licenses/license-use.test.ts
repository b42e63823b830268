import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LicenseMonth } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertProject } from '../builds/testing/rows.ts';
import { LicenseRecords } from './license-records.ts';
import { LicenseUse } from './license-use.ts';
import { LEVELS } from './sql/pool-use.ts';
import { PoolTables, type Past } from './testing/pool-tables.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOW = new Date('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;
/** 24 hours in 96 stretches. */
const STRETCH = HOUR / 4;

let database: TestDatabase;
let use: LicenseUse;
let tables: PoolTables;

beforeAll(async () => {
  database = await testDatabase();
  use = new LicenseUse(database.pool);
  tables = await PoolTables.open(database);
});

afterAll(() => database?.close());

beforeEach(() => tables.clear());

/** Seats that were taken at a moment, counted one by one; what lasted no time was never taken. */
function takenAt(past: readonly Past[], moment: number): number {
  return past.filter(({ taken, free }) => taken <= moment && moment < (free ?? Number.POSITIVE_INFINITY)).length;
}

/** All counted minute by minute, which is as fine as what is invented here. */
function naive(past: readonly Past[], begin: number, length: number): { most: number; mean: number } {
  const minutes = Array.from({ length: length / 60_000 }, (_, minute) => takenAt(past, begin + minute * 60_000));
  return { most: Math.max(...minutes), mean: minutes.reduce((sum, taken) => sum + taken, 0) / minutes.length };
}

const minute = (from: number, to: number): fc.Arbitrary<number> => fc.integer({ min: from, max: to }).map((at) => NOW.getTime() + at * 60_000);
const past: fc.Arbitrary<Past> = fc
  .record({ taken: minute(-30 * 60, -1), held: fc.integer({ min: 0, max: 900 }), quarantine: fc.integer({ min: 0, max: 900 }), kind: fc.nat(2) })
  .map(({ taken, held, quarantine, kind }) => {
    const released = taken + held * 60_000;
    if (kind === 0 || released > NOW.getTime()) return { taken, released: null, free: null };
    return { taken, released, free: kind === 1 ? released : released + quarantine * 60_000 };
  });

describe('over some hours', () => {
  test('each stretch has the most, the mean and the seats that a naive count finds', async () => {
    const limit = fc.record({ at: minute(-30 * 60, -1), seats: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(fc.array(past, { maxLength: 25 }), fc.array(limit, { maxLength: 4 }), async (leases, limits) => {
        await tables.clear();
        await tables.pool('a', 'sdk', limits);
        await tables.lease('a', leases);
        const [found] = (await use.view(24, NOW)).pools;
        expect(found?.points).toHaveLength(96);
        for (const { at, most, mean, seats } of found?.points ?? []) {
          const begin = Date.parse(at);
          const said = limits.toSorted((one, other) => one.at - other.at).findLast((one) => one.at <= begin + STRETCH);
          const counted = naive(leases, begin, STRETCH);
          expect({ at, most, seats }).toEqual({ at, most: counted.most, seats: said?.seats ?? 0 });
          expect(mean).toBeCloseTo(counted.mean, 6);
        }
        expect(found?.points.at(-1)?.at).toBe(new Date(NOW.getTime() - STRETCH).toISOString());
      }),
      { numRuns: 100 },
    );
  });

  test('pools of one product are told of each by itself, one that was never used too', async () => {
    await tables.pool('a', 'sdk', [{ at: NOW.getTime() - HOUR, seats: 2 }]);
    await tables.pool('b', 'sdk', []);
    await tables.lease('a', [{ taken: NOW.getTime() - 10 * 60_000, released: null, free: null }]);
    const { hours, pools } = await use.view(24, NOW);
    expect(hours).toBe(24);
    expect(pools.map(({ pool, product, points }) => [pool, product, points.at(-1)])).toEqual([
      ['a', 'sdk', expect.objectContaining({ most: 1, mean: expect.closeTo(2 / 3, 6), seats: 2 })],
      ['b', 'sdk', expect.objectContaining({ most: 0, mean: 0, seats: 0 })],
    ]);
  });

  test('a seat of an attempt that went with its project counts for no time', async () => {
    await tables.pool('a', 'sdk', []);
    const projectId = await insertProject(database);
    await tables.leaseWithoutAttempt('a', projectId, NOW.getTime() - 2 * HOUR);
    const { pools, months } = await use.view(24, NOW);
    expect(pools[0]?.points.every(({ most }) => most === 0)).toBe(true);
    expect(months).toMatchObject([{ peak: 0, leases: 1, seatHours: 0 }]);
  });
});

/** What PostgreSQL says that it did. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How many leases were looked at. */
function leasesRead(node: PlanNode): number {
  const rows = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const own = node['Relation Name'] === 'license_leases' ? rows * node['Actual Loops'] : 0;
  return (node.Plans ?? []).reduce((sum, plan) => sum + leasesRead(plan), own);
}

test('of many leases those are read that are of the time which is asked for', async () => {
  await tables.pool('a', 'sdk', []);
  await tables.pool('b', 'sdk', []);
  for (const pool of ['a', 'b']) await tables.manyLeases(pool, 100_000, NOW.getTime(), 150_000);
  await database.pool.query('analyze license_leases');
  const begin = new Date(NOW.getTime() - 24 * HOUR);
  const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`explain (analyze, format json) ${LEVELS}`, [
    begin,
    NOW,
    [begin, NOW],
  ]);
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  const inTime = 2 * ((24 * HOUR) / 150_000 + 100);
  // A nested loop looks at them once a pool. PostgreSQL decides, by a sample; all of the table would be 200,000.
  expect(plan === undefined ? Number.NaN : leasesRead(plan)).toBeLessThan(2 * inTime);
});

describe('by month', () => {
  const at = (text: string): number => Date.parse(`${text}:00Z`);

  async function invent(): Promise<void> {
    await tables.pool('a', 'sdk', [{ at: at('2026-09-10T00:00'), seats: 2 }]);
    await tables.pool('b', 'sdk', [{ at: at('2026-10-10T00:00'), seats: 3 }]);
    await tables.lease('a', [
      { taken: at('2026-09-30T22:00'), released: at('2026-10-01T01:00'), free: at('2026-10-01T03:00') },
      { taken: at('2026-10-01T02:00'), released: at('2026-10-01T02:30'), free: at('2026-10-01T02:30') },
    ]);
    await tables.lease('b', [{ taken: at('2026-10-01T02:15'), released: null, free: null }]);
    await tables.refuse('sdk', [at('2026-10-31T23:59'), at('2026-11-01T00:00'), at('2026-11-02T00:00')]);
    await tables.refuse('gone', [at('2026-10-05T00:00')]);
  }

  const expected: LicenseMonth[] = [
    { month: '2026-09', product: 'sdk', seats: 2, peak: 1, leases: 1, seatHours: 2, refusals: 0 },
    { month: '2026-10', product: 'gone', seats: 0, peak: 0, leases: 0, seatHours: 0, refusals: 1 },
    { month: '2026-10', product: 'sdk', seats: 5, peak: 3, leases: 2, seatHours: 1 + 0.5 + 31 * 24 - 2.25, refusals: 1 },
    { month: '2026-11', product: 'sdk', seats: 5, peak: 1, leases: 0, seatHours: 19 * 24 + 12, refusals: 2 },
  ];

  test('what is taken over the end of a month is of both, quarantine counts for the peak and not for the hours of jobs', async () => {
    await invent();
    expect((await use.view(24, NOW)).months).toEqual(expected);
  });

  test('months that are over are written down, stay as they were, and leases are forgotten only after', async () => {
    await invent();
    const records = new LicenseRecords(database.pool, database.logger);
    await records.keep(NOW);
    expect(await tables.count('license_leases')).toBe(3);
    await database.pool.query('delete from license_waits');
    expect((await use.view(24, NOW)).months.slice(0, 3)).toEqual(expected.slice(0, 3));
    await records.keep(new Date('2027-11-01T00:30:00Z'));
    // Only the seat that is taken still.
    expect(await tables.count('license_leases')).toBe(1);
    expect((await use.view(24, new Date('2027-09-02T00:00:00Z'))).months[0]).toMatchObject({ month: '2026-10', product: 'gone' });
  });

  test('a month is not written down in its last minutes', async () => {
    await invent();
    await new LicenseRecords(database.pool, database.logger).keep(new Date('2026-11-01T00:59:59Z'));
    expect(await tables.count('license_months')).toBe(1);
    await new LicenseRecords(database.pool, database.logger).keep(new Date('2026-11-01T01:00:00Z'));
    expect(await tables.count('license_months')).toBe(3);
  });
});
