import type { Pool, PoolClient } from 'pg';
import type { UseTerms } from '#server/api';
import type { PlanLicense } from '../../scheduling/license-types.ts';
import { readVersions } from '../versions.ts';

/** Whether a lease `l` takes a seat now: an attempt holds it, which cannot be one that has ended, or its vendor does not know yet that nobody does. */
export const IS_TAKEN = `(l.state = 'held' and l.attempt_id is not null or l.state = 'quarantined' and l.free_at > now())`;

/** Whether a pool `p` may be used today. */
export const IS_VALID = `(current_timestamp at time zone 'utc')::date between coalesce(p.valid_from, '-infinity') and coalesce(p.valid_until, 'infinity')`;

/** How many seats of a pool `p` may be used today: no more than have a key where each needs one, than its own server has, and without those that others have there. */
export const USABLE_SEATS = `(case when not ${IS_VALID} then 0 else greatest(0, least(p.seats,
  case when p.key_use = 'each' then (select count(*)::int from license_keys k where k.pool_id = p.id and not k.retired) else p.seats end,
  case when p.server is not null then coalesce(p.server_seats, 0) - p.outside else p.seats end)) end)`;

/** How many seats a pool `p` would have besides, were they not taken outside. */
const TAKEN_OUTSIDE = `(case when ${IS_VALID} and p.server_seats is not null then greatest(0, least(p.outside, p.seats - ${USABLE_SEATS})) else 0 end)`;

type Row = Omit<PlanLicense, 'free' | 'held' | 'reserved' | 'versions' | 'terms'> &
  UseTerms & {
    readonly versions: string | null;
    readonly taken: readonly { readonly project: number | null; readonly held: boolean; readonly count: number }[];
    readonly reserved: readonly { readonly project: number; readonly seats: number }[];
  };

/** How all licence pools stand, those of fewer versions and whom fewer may use first, then the one with the most seats: so what only some can use is used by those. For the planner. */
export async function seatsNow(client: Pool | PoolClient): Promise<PlanLicense[]> {
  const { rows } = await client.query<Row>({
    name: 'seats-now',
    text: `select p.name, p.product, p.versions, p.projects, p.groups, p.trusted_only as "trustedOnly", p.hosts, p.images,
         ${USABLE_SEATS} as seats, ${TAKEN_OUTSIDE} as outside, p.most_per_project as "mostPerProject",
         coalesce((select json_agg(t) from (
           select l.project_id as project, l.state = 'held' as held, count(*)::int as count from license_leases l
           where l.pool_id = p.id and l.state <> 'returned' and ${IS_TAKEN} group by 1, 2) t), '[]') as taken,
         coalesce((select json_agg(t) from (
           select r.project_id as project, sum(r.seats)::int as seats from license_reservations r
           where r.pool_id = p.id and now() >= r.from_at and now() < r.until_at group by 1) t), '[]') as reserved
       from license_pools p order by p.images = '{}', p.hosts = '{}', p.projects = '{}' and p.groups = '{}', p.versions is null, p.seats desc, p.id`,
  });
  return rows.map(({ taken, reserved, versions, projects, groups, trustedOnly, ...pool }) => ({
    ...pool,
    versions: versions === null ? null : readVersions(versions),
    terms: { projects, groups, trustedOnly },
    free: Math.max(0, pool.seats - taken.reduce((sum, { count }) => sum + count, 0)),
    held: new Map(taken.flatMap(({ project, held, count }) => (held && project !== null ? [[project, count] as const] : []))),
    reserved: new Map(reserved.map(({ project, seats }) => [project, seats])),
  }));
}
