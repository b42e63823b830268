import type { PoolClient } from 'pg';
import { seatsNow } from './seats-now.ts';

/** A job that is to begin, with the licence pools of which it is to have a seat each, by name. */
export interface SeatWish {
  readonly jobId: number;
  readonly projectId: number;
  readonly licenses: readonly string[];
}

/**
 * Of jobs that are to begin those for which there are seats, all that each needs, in order; in a transaction, whose pools nobody else takes seats of until it ends. What was planned may be
 * out of date: another server has begun a job, or somebody has taken seats away.
 */
export async function seatable<Wish extends SeatWish>(client: PoolClient, wishes: readonly Wish[]): Promise<Wish[]> {
  const names = [...new Set(wishes.flatMap(({ licenses }) => licenses))];
  if (names.length === 0) return [...wishes];
  await client.query({
    name: 'lock-license-pools',
    text: 'select 1 from license_pools where name = any($1) order by id for update',
    values: [names],
  });
  // For good: else a clock that goes back would have them taken again, beside those who got them.
  await client.query({
    name: 'end-quarantines',
    text: `update license_leases set state = 'returned' where state = 'quarantined' and free_at <= now()
       and pool_id in (select id from license_pools where name = any($1))`,
    values: [names],
  });
  const pools = new Map((await seatsNow(client)).map((pool) => [pool.name, { ...pool, held: new Map(pool.held) }]));
  return wishes.filter(({ projectId, licenses }) => {
    const wanted = licenses.map((name) => pools.get(name));
    const fits = wanted.every(
      (pool) => pool !== undefined && pool.free > 0 && (pool.held.get(projectId) ?? 0) < (pool.mostPerProject ?? Number.POSITIVE_INFINITY),
    );
    if (!fits) return false;
    for (const pool of wanted) {
      if (pool === undefined) continue;
      pool.free -= 1;
      pool.held.set(projectId, (pool.held.get(projectId) ?? 0) + 1);
    }
    return true;
  });
}

/** Writes the leases of attempts that have begun, in the transaction in which they were found to have seats. */
export async function takeSeats(client: PoolClient, taken: readonly (SeatWish & { readonly attemptId: number })[]): Promise<void> {
  const leases = taken.flatMap(({ licenses, ...attempt }) => licenses.map((name) => ({ ...attempt, name })));
  if (leases.length === 0) return;
  await client.query({
    name: 'take-seats',
    text: `insert into license_leases (pool_id, attempt_id, job_id, project_id)
       select p.id, w.attempt_id, w.job_id, w.project_id from unnest($1::text[], $2::int[], $3::int[], $4::int[]) as w (name, attempt_id, job_id, project_id)
       join license_pools p on p.name = w.name`,
    values: [
      leases.map(({ name }) => name),
      leases.map(({ attemptId }) => attemptId),
      leases.map(({ jobId }) => jobId),
      leases.map(({ projectId }) => projectId),
    ],
  });
}
