import { fitter } from './fitting-pools.ts';
import type { KeptPool, PlanPool, QueuedJob } from './plan-types.ts';

/**
 * How many machines each pool is to make now, by its name; 0 where it has what it wants. A pool wants a machine for each queued job that it may run
 * at once, and besides those that it keeps ready, of which those that have waited too long do not count; never more than it has room for. `queue`: the
 * jobs that have no machine yet. A job that fits several pools counts for the first that may run more.
 */
export function wantedMachines(pools: readonly KeptPool[], queue: readonly QueuedJob[]): Map<string, number> {
  const fits = fitter(pools);
  const jobs = new Map<KeptPool, number>(pools.map((pool) => [pool, 0]));
  for (const { requirements } of queue) {
    const fit = fits(requirements).find(({ pool }) => pool.busy + (jobs.get(pool) ?? 0) < pool.limit);
    if (fit !== undefined) jobs.set(fit.pool, (jobs.get(fit.pool) ?? 0) + 1);
  }
  return new Map(pools.map((pool) => [pool.name, missing(pool, jobs.get(pool) ?? 0)]));
}

function missing({ wantedReady, ready, aged, creating, room }: KeptPool, jobs: number): number {
  return Math.max(0, Math.min(jobs + wantedReady - (ready - aged) - creating, room));
}

/** How many of the queued jobs wait for a machine of each pool, by its name: those that it could run. One that fits several pools waits for each of them. */
export function waitingByPool(
  pools: readonly PlanPool[],
  kinds: readonly { readonly requirements: QueuedJob['requirements']; readonly count: number }[],
): Map<string, number> {
  const fits = fitter(pools);
  const waiting = new Map(pools.map(({ name }) => [name, 0]));
  for (const { requirements, count } of kinds) {
    for (const { pool } of fits(requirements)) waiting.set(pool.name, (waiting.get(pool.name) ?? 0) + count);
  }
  return waiting;
}
