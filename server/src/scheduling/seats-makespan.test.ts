import { expect, test } from 'vitest';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { plan } from './plan.ts';
import { license, NO_SEATS } from './testing/licenses.ts';
import type { PlanPool, QueuedJob } from './plan-types.ts';

const PRODUCTS = ['a', 'b', 'c', 'd', 'e'];
const SEATS = 4;
const JOBS = 200;
/** A job that has waited so long is overdue. In the time of the simulation. */
const OVERDUE = 60;

const POOL: PlanPool = {
  name: 'vm',
  image: {
    image: 'i',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm',
    systemVersion: null,
    toolchains: [],
    isolationNote: '',
    digest: null,
    interpreters: [],
  },
  limit: JOBS,
  busy: 0,
  ready: JOBS,
};
const REQUIREMENTS = { system: 'linux', architecture: null, interpreter: null, image: null, isolation: NO_DEMAND };

interface Job {
  /** When it is queued. */
  readonly arrives: number;
  readonly id: number;
  readonly projectId: number;
  readonly products: readonly string[];
  readonly duration: number;
}

/** Park and Miller's generator: the same jobs in every run. */
function randoms(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Jobs that need one to three of the products, and take 1 to 20. */
function jobsOf(seed: number, projects: number): Job[] {
  const random = randoms(seed);
  return Array.from({ length: JOBS }, (_, id) => {
    const order = [...PRODUCTS].map((product) => ({ product, key: random(1_000_000) })).toSorted((one, other) => one.key - other.key);
    const products = order.slice(0, 1 + random(3)).map(({ product }) => product);
    return { arrives: 0, id, projectId: 1 + random(projects), products, duration: 1 + random(20) };
  });
}

/** When each job begins, and when the last ends. Each time a job ends or another is queued, what waits is planned anew. */
function simulate(jobs: readonly Job[]): { readonly makespan: number; readonly begins: ReadonlyMap<number, number> } {
  const waiting = new Map(jobs.map((job) => [job.id, job]));
  const begins = new Map<number, number>();
  let running: { readonly job: Job; readonly end: number }[] = [];
  for (let now = 0; ;) {
    running = running.filter(({ end }) => end > now);
    const queued = [...waiting.values()].filter(({ arrives }) => arrives <= now);
    for (const { jobId } of plan(
      inputOf(
        queued,
        running.map(({ job }) => job),
        now,
      ),
    ).assignments) {
      const job = waiting.get(jobId);
      if (job === undefined) throw new Error(`job ${jobId} began twice`);
      waiting.delete(jobId);
      running.push({ job, end: now + job.duration });
      begins.set(jobId, now);
    }
    const next = [...running.map(({ end }) => end), ...[...waiting.values()].map(({ arrives }) => arrives).filter((arrives) => arrives > now)];
    if (next.length === 0) return { makespan: now, begins };
    now = Math.min(...next);
  }
}

function inputOf(queued: readonly Job[], running: readonly Job[], now: number): Parameters<typeof plan>[0] {
  const queue = queued.map(({ id, projectId, products, arrives }): QueuedJob => {
    return {
      jobId: id,
      projectId,
      order: id,
      priority: 0,
      requirements: REQUIREMENTS,
      seats: { ...NO_SEATS, needs: products, isOverdue: now - arrives > OVERDUE },
    };
  });
  const licenses = PRODUCTS.map((product) => {
    const holders = running.filter(({ products }) => products.includes(product));
    return license(product, SEATS - holders.length, { name: product, seats: SEATS });
  });
  const counts = new Map<number, number>();
  for (const { projectId } of running) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  return { queue, pools: [{ ...POOL, busy: running.length, ready: JOBS - running.length }], running: counts, licenses };
}

/** No order is better: each product's seats are busy all the time. */
function bound(jobs: readonly Job[]): number {
  const loads = PRODUCTS.map(
    (product) => jobs.filter(({ products }) => products.includes(product)).reduce((sum, { duration }) => sum + duration, 0) / SEATS,
  );
  return Math.max(...loads);
}

test.each([1, 5])('200 jobs of %i projects that need one to three of five products end within 1.25 of what no order betters', (projects) => {
  const ratios = Array.from({ length: 10 }, (_, index) => {
    const jobs = jobsOf(index + 1, projects);
    return simulate(jobs).makespan / bound(jobs);
  });
  expect(Math.max(...ratios)).toBeLessThan(1.25);
});

test.each([1, 2])('a job that needs all five products begins although others come all the time, of project %i as well', (projectId) => {
  const longest = 20;
  const small = Array.from({ length: 2000 }, (_, index) => {
    const product = PRODUCTS[index % PRODUCTS.length] ?? '';
    return { id: index + 1, arrives: Math.floor(index / 3), projectId: 2 + (index % 3), products: [product], duration: 5 + (index % (longest - 4)) };
  });
  // Its own project has many that run, so that its turn comes late.
  const own = Array.from({ length: 400 }, (_, index) => ({ id: 3000 + index, arrives: index, projectId, products: [], duration: longest }));
  const large = { id: 5000, arrives: 10, projectId, products: PRODUCTS, duration: 5 };
  const byArrival = [...small, ...own, large].toSorted((one, other) => one.arrives - other.arrives).map((job, index) => ({ ...job, id: index + 1 }));
  const { begins } = simulate(byArrival);
  const id = byArrival.find(({ products }) => products.length === PRODUCTS.length)?.id ?? 0;
  const wait = (begins.get(id) ?? Number.POSITIVE_INFINITY) - large.arrives;
  // Jobs that were overdue before it are kept seats before it.
  expect(wait).toBeLessThanOrEqual(OVERDUE + 2 * longest);
});
