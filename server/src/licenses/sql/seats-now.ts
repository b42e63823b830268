import type { Pool, PoolClient } from 'pg';
import type { PlanLicense } from '../../scheduling/plan-types.ts';

/** Whether a lease `l` takes a seat now: an attempt holds it, which cannot be one that has ended, or its vendor does not know yet that nobody does. */
export const IS_TAKEN = `(l.state = 'held' and l.attempt_id is not null or l.state = 'quarantined' and l.free_at > now())`;

/** Whether a pool `p` may be used today. */
export const IS_VALID = `(current_timestamp at time zone 'utc')::date between coalesce(p.valid_from, '-infinity') and coalesce(p.valid_until, 'infinity')`;

/** How all licence pools stand, the one with the most seats first, for the planner. */
export async function seatsNow(client: Pool | PoolClient): Promise<PlanLicense[]> {
  const { rows } = await client.query<Omit<PlanLicense, 'free' | 'held'> & { taken: { project: number | null; held: boolean; count: number }[] }>({
    name: 'seats-now',
    text: `select p.name, p.product, case when ${IS_VALID} then p.seats else 0 end as seats, p.most_per_project as "mostPerProject",
         coalesce((select json_agg(t) from (
           select l.project_id as project, l.state = 'held' as held, count(*)::int as count from license_leases l
           where l.pool_id = p.id and l.state <> 'returned' and ${IS_TAKEN} group by 1, 2) t), '[]') as taken
       from license_pools p order by p.seats desc, p.id`,
  });
  return rows.map(({ taken, ...pool }) => ({
    ...pool,
    free: Math.max(0, pool.seats - taken.reduce((sum, { count }) => sum + count, 0)),
    held: new Map(taken.flatMap(({ project, held, count }) => (held && project !== null ? [[project, count] as const] : []))),
  }));
}
