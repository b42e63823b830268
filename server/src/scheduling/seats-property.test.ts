import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { isSeatReason } from './explain-seats.ts';
import type { PlanLicense } from './license-types.ts';
import { plan } from './plan.ts';
import type { PlanPool, QueuedJob } from './plan-types.ts';
import { license, NO_SEATS } from './testing/licenses.ts';

const PRODUCTS = ['a', 'b', 'c'] as const;
const PROJECTS = [1, 2, 3] as const;
const project = fc.constantFrom(...PROJECTS);

const seats = fc.record({
  product: fc.constantFrom(...PRODUCTS),
  free: fc.nat(3),
  most: fc.option(fc.integer({ min: 1, max: 3 })),
  held: fc.array(fc.tuple(project, fc.integer({ min: 1, max: 2 })), { maxLength: 2 }),
  reserved: fc.array(fc.tuple(project, fc.integer({ min: 1, max: 2 })), { maxLength: 2 }),
});

const wish = fc.record({ projectId: project, needs: fc.uniqueArray(fc.constantFrom(...PRODUCTS), { maxLength: 3 }), isOverdue: fc.boolean() });

interface Seats {
  readonly product: string;
  readonly free: number;
  readonly most: number | null;
  readonly held: [number, number][];
  readonly reserved: [number, number][];
}

function licenseOf({ product, free, most, held, reserved }: Seats, index: number): PlanLicense {
  const numbers = { seats: free + 4, mostPerProject: most, held: new Map(held), reserved: new Map(reserved) };
  return license(product, free, { name: `${product}-${index}`, ...numbers });
}

const POOL: PlanPool = {
  name: 'vm',
  image: {
    image: 'x',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm',
    isolationNote: '',
    digest: null,
    interpreters: [],
    systemVersion: null,
    toolchains: [],
  },
  limit: 20,
  busy: 0,
  ready: 20,
};

function jobsOf(wishes: readonly { projectId: number; needs: readonly string[]; isOverdue: boolean }[]): QueuedJob[] {
  const requirements = { system: 'linux', architecture: null, interpreter: null, image: null, isolation: NO_DEMAND };
  return wishes.map(({ projectId, needs, isOverdue }, index) => ({
    jobId: index + 1,
    projectId,
    order: index + 1,
    priority: 0,
    requirements,
    seats: { ...NO_SEATS, needs, isOverdue },
  }));
}

/** What is left of a pool after a plan, worked out anew. */
function leftOf(pool: PlanLicense, taken: readonly number[], projectId: number): number {
  const has = (one: number): number => (pool.held.get(one) ?? 0) + taken.filter((other) => other === one).length;
  if (has(projectId) >= (pool.mostPerProject ?? Number.POSITIVE_INFINITY)) return 0;
  const kept = [...pool.reserved].filter(([one]) => one !== projectId).reduce((sum, [one, count]) => sum + Math.max(0, count - has(one)), 0);
  return pool.free - taken.length - kept;
}

test('no plan gives a seat twice, and no job waits whose seats are all free', () => {
  fc.assert(
    fc.property(fc.array(seats, { minLength: 1, maxLength: 4 }), fc.array(wish, { maxLength: 12 }), (pools, wishes) => {
      const licenses = pools.map(licenseOf);
      const queue = jobsOf(wishes);
      const { assignments, waiting } = plan({ queue, pools: [POOL], running: new Map(), licenses });
      const projectOf = new Map(queue.map(({ jobId, projectId }) => [jobId, projectId]));
      const taken = (pool: PlanLicense): number[] =>
        assignments.flatMap(({ jobId, licenses: names }) => (names.includes(pool.name) ? [projectOf.get(jobId) ?? 0] : []));
      for (const pool of licenses) expect(taken(pool).length).toBeLessThanOrEqual(pool.free);
      for (const { jobId, licenses: names } of assignments) expect(names).toHaveLength(queue[jobId - 1]?.seats.needs.length ?? -1);
      const isLeft = (need: string, projectId: number): boolean =>
        licenses.some((pool) => pool.product === need && leftOf(pool, taken(pool), projectId) > 0);
      // Seats that are kept for an overdue job look free: then the oldest such still waits.
      const isKept = waiting.some(({ jobId }) => queue[jobId - 1]?.seats.isOverdue === true);
      for (const { jobId, reason } of isKept ? [] : waiting) {
        const job = queue[jobId - 1];
        expect(isSeatReason(reason)).toBe(true);
        expect(
          job?.seats.needs.every((need) => isLeft(need, job.projectId)),
          `job ${jobId} waits although it could begin`,
        ).toBe(false);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the overdue job that waits longest is never passed by: with all others of it gone it begins', () => {
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 12 }), (wishes) => {
      const queue = jobsOf(wishes.map((one) => ({ ...one, needs: one.needs.length === 0 ? ['a'] : one.needs, isOverdue: false })));
      const overdue = queue.map((job, index) =>
        index === queue.length - 1 ? { ...job, order: 0, seats: { ...job.seats, needs: [...PRODUCTS], isOverdue: true } } : job,
      );
      // One seat of each is free: whoever's turn comes first, they are kept for it.
      const licenses = PRODUCTS.map((product) => license(product, 1));
      const { assignments } = plan({ queue: overdue, pools: [POOL], running: new Map(), licenses });
      expect(assignments.map(({ jobId }) => jobId)).toEqual([queue.length]);
    }),
  );
});
