import { describe, expect, test } from 'vitest';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { explain } from './explain.ts';
import { plan } from './plan.ts';
import type { PlanLicense, PlanPool, QueuedJob, WantedSeats } from './plan-types.ts';

const POOL: PlanPool = {
  name: 'vm',
  image: {
    image: 'debian-12',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm',
    systemVersion: null,
    toolchains: [],
    isolationNote: 'a machine of its own',
    digest: null,
    interpreters: [],
  },
  limit: 10,
  busy: 0,
  ready: 10,
};

function license(product: string, free: number, changed: Partial<PlanLicense> = {}): PlanLicense {
  return { name: `${product}-pool`, product, seats: Math.max(free, 2), free, mostPerProject: null, held: new Map(), ...changed };
}

function job(jobId: number, products: readonly string[], changed: Partial<WantedSeats> = {}, projectId = 1): QueuedJob {
  const requirements = { system: 'linux', architecture: null, interpreter: null, image: null, isolation: NO_DEMAND };
  return { jobId, projectId, order: jobId, priority: 0, requirements, seats: { products, isAllowed: true, isOverdue: false, ...changed } };
}

/** What becomes of each job: its licence pools, or why it waits. */
function outcome(queue: readonly QueuedJob[], licenses: readonly PlanLicense[], ready = 10): Record<number, unknown> {
  const { assignments, waiting } = plan({ queue, pools: [{ ...POOL, ready }], running: new Map(), licenses });
  return Object.fromEntries([...assignments.map((one) => [one.jobId, one.licenses]), ...waiting.map((one) => [one.jobId, explain(one.reason)])]);
}

describe('seats', () => {
  test('are given as long as there are any; who needs several gets all or none', () => {
    const queue = [job(1, ['msvc']), job(2, ['msvc', 'oracle']), job(3, ['oracle']), job(4, [])];
    expect(outcome(queue, [license('msvc', 1), license('oracle', 1)])).toEqual({
      1: ['msvc-pool'],
      2: 'waits for a licence: no seat of msvc is free (of 2)',
      3: ['oracle-pool'],
      4: [],
    });
  });

  test('of a product come from whichever of its pools has one', () => {
    const pools = [license('msvc', 1), license('msvc', 1, { name: 'other' })];
    expect(outcome([job(1, ['msvc']), job(2, ['msvc']), job(3, ['msvc'])], pools)).toEqual({
      1: ['msvc-pool'],
      2: ['other'],
      3: 'waits for a licence: no seat of msvc is free (of 4)',
    });
  });

  test('are not held by a job that waits for a machine', () => {
    const result = outcome([job(1, ['msvc']), job(2, ['msvc'])], [license('msvc', 1)], 0);
    expect(Object.values(result)).toEqual(['waits for a machine: pool vm is getting one ready', 'waits for a machine: pool vm is getting one ready']);
  });

  test('are no more than one project may have, those that it has included', () => {
    const pool = license('msvc', 5, { mostPerProject: 2, held: new Map([[1, 1]]) });
    expect(outcome([job(1, ['msvc']), job(2, ['msvc']), job(3, ['msvc'], {}, 2)], [pool])).toEqual({
      1: ['msvc-pool'],
      2: 'waits for a licence: its project has as many seats of msvc as one may have (2)',
      3: ['msvc-pool'],
    });
  });

  test('that are free are kept for the first job that has waited too long for several', () => {
    const licenses = [license('msvc', 1), license('oracle', 0)];
    const small = job(2, ['msvc']);
    expect(outcome([job(1, ['msvc', 'oracle']), small], licenses)).toMatchObject({ 2: ['msvc-pool'] });
    const overdue = job(1, ['msvc', 'oracle'], { isOverdue: true });
    expect(outcome([overdue, small], licenses)).toMatchObject({ 2: 'waits for a licence: no seat of msvc is free (of 2)' });
    // Another product's are not kept, and of two overdue jobs only the first's.
    const others = [job(3, ['oracle', 'msvc'], { isOverdue: true }), job(4, ['ndk'])];
    expect(outcome([overdue, ...others], [...licenses, license('ndk', 1)])).toMatchObject({ 4: ['ndk-pool'] });
  });

  test('of a product that nobody has a licence of, or for a stranger, are never given', () => {
    const queue = [job(1, ['qnx']), job(2, ['msvc'], { isAllowed: false })];
    expect(outcome(queue, [license('msvc', 1)])).toEqual({
      1: 'there is no licence of qnx here: there are those of msvc',
      2: 'it needs a licensed seat of msvc, which a change of somebody who is not trusted is given only once a maintainer has approved it',
    });
  });
});
