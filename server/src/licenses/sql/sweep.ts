/**
 * When the seat of a lease `l` was free again; infinity while it is not. Of a lease whose attempt went with its project nobody knows how long it was: it counts for no time.
 */
export const FREE_AT = `(case when l.state = 'held' then case when l.attempt_id is null then l.taken_at else 'infinity' end
  else greatest(l.taken_at, coalesce(l.free_at, l.released_at, l.taken_at)) end)`;

/** When the job of a lease `l` had no more use of its seat, which may be in quarantine after that; infinity while it has. */
export const GIVEN_BACK_AT = `(case when l.state = 'held' then case when l.attempt_id is null then l.taken_at else 'infinity' end
  else greatest(l.taken_at, coalesce(l.released_at, l.taken_at)) end)`;

/** Leases `l` that may have been there between $1 and $2. Written so that indexes lead to them: those that were over long before are not read. */
export const IN_TIME = `(l.taken_at < $2 and (l.state <> 'returned' or l.released_at >= $1 or l.free_at >= $1))`;

/**
 * Common tables of a query, the last of which is `levels (key, at, until, level)`: how many seats were taken at once, from each moment at which that
 * changed to the next. $1 and $2: from when to when; $3: moments between them, those two included, at which a level ends in any case. `until` is null at
 * $2. `key`: of pools `p`, what seats are counted together.
 */
export function sweep(key: 'p.name' | 'p.product'): string {
  return `spans as (
      select ${key} as key, greatest(l.taken_at, $1) as since, least(${FREE_AT}, $2) as until
      from license_leases l join license_pools p on p.id = l.pool_id where ${IN_TIME}),
    changes as (
      select key, since as at, 1 as change from spans where since < until
      union all select key, until, -1 from spans where since < until
      union all select k.key, moment, 0 from (select distinct ${key} as key from license_pools p) k cross join unnest($3::timestamptz[]) as moment),
    sums as (select key, at, sum(change) as change from changes group by key, at),
    levels as (
      select key, at, lead(at) over w as until, sum(change) over w as level from sums window w as (partition by key order by at))`;
}
