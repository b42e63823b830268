import type { PoolClient } from 'pg';
import { SeatCount } from '../seat-count.ts';
import { IS_TAKEN, seatsNow } from './seats-now.ts';

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
  const pools = new Map((await seatsNow(client)).map((pool) => [pool.name, new SeatCount(pool)]));
  return wishes.filter(({ projectId, licenses }) => {
    const wanted = [...new Set(licenses)].map((name) => pools.get(name));
    if (!wanted.every((pool) => pool !== undefined && pool.hasFor(projectId))) return false;
    for (const pool of wanted) pool?.take(projectId);
    return true;
  });
}

/**
 * Writes the leases of attempts that have begun, in the transaction in which they were found to have seats, each with its key. Where each seat has a key of its own they get one each that nobody has:
 * there are as many as seats, and their pool is locked. A shared key is the first by name.
 */
export async function takeSeats(client: PoolClient, taken: readonly (SeatWish & { readonly attemptId: number })[]): Promise<void> {
  const leases = taken.flatMap(({ licenses, ...attempt }) => [...new Set(licenses)].map((name) => ({ ...attempt, name })));
  if (leases.length === 0) return;
  await client.query({
    name: 'take-seats',
    text: `with wanted as (
         select p.id as pool_id, p.key_use, w.attempt_id, w.job_id, w.project_id, row_number() over (partition by p.id order by w.attempt_id) as place
         from unnest($1::text[], $2::int[], $3::int[], $4::int[]) as w (name, attempt_id, job_id, project_id) join license_pools p on p.name = w.name),
       unused as (
         select k.id, k.pool_id, row_number() over (partition by k.pool_id order by k.id) as place from license_keys k
         where not k.retired and k.pool_id in (select pool_id from wanted where key_use = 'each')
           and not exists (select 1 from license_leases l where l.key_id = k.id and l.state <> 'returned' and ${IS_TAKEN}))
       insert into license_leases (pool_id, attempt_id, job_id, project_id, key_id)
       select w.pool_id, w.attempt_id, w.job_id, w.project_id, coalesce(u.id, s.id) from wanted w
       left join unused u on u.pool_id = w.pool_id and u.place = w.place and w.key_use = 'each'
       left join lateral (select k.id from license_keys k where k.pool_id = w.pool_id and w.key_use = 'shared' and not k.retired order by k.name limit 1) s on true`,
    values: [
      leases.map(({ name }) => name),
      leases.map(({ attemptId }) => attemptId),
      leases.map(({ jobId }) => jobId),
      leases.map(({ projectId }) => projectId),
    ],
  });
}
