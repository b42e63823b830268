import type { Pool } from 'pg';
import type { LicenseMonth } from '#server/api';
import { GIVEN_BACK_AT, IN_TIME, sweep } from './sweep.ts';

/** A calendar month of UTC, or the part of it that is over. */
export interface MonthTime {
  readonly begin: Date;
  readonly end: Date;
}

/** How each product was used in a month: those of which there were seats, leases or refusals. */
export async function monthUse(database: Pool, { begin, end }: MonthTime): Promise<LicenseMonth[]> {
  const { rows } = await database.query<Omit<LicenseMonth, 'month'>>(QUERY, [begin, end, [begin, end]]);
  return rows.map((row) => ({ month: monthName(begin), ...row }));
}

/** `2026-11`. */
export function monthName(begin: Date): string {
  return begin.toISOString().slice(0, 7);
}

const QUERY = `with ${sweep('p.product')},
  peaks as (select key as product, max(level)::int as peak from levels where until is not null group by 1),
  used as (
    select p.product, count(*) filter (where l.taken_at >= $1)::int as leases,
      coalesce(sum(extract(epoch from least(${GIVEN_BACK_AT}, $2) - greatest(l.taken_at, $1))) filter (where ${GIVEN_BACK_AT} > $1), 0)::float8 / 3600 as hours
    from license_leases l join license_pools p on p.id = l.pool_id where ${IN_TIME} group by 1),
  refused as (select product, count(*)::int as refusals from license_waits where at >= $1 and at < $2 group by 1),
  limits as (
    select p.product, sum(coalesce((select x.seats from license_limits x where x.pool_id = p.id and x.at <= $2 order by x.at desc, x.id desc limit 1), 0))::int as seats
    from license_pools p group by 1)
  select product, coalesce(seats, 0) as seats, coalesce(peak, 0) as peak, coalesce(leases, 0) as leases, coalesce(hours, 0) as "seatHours",
    coalesce(refusals, 0) as refusals
  from limits full join peaks using (product) full join used using (product) full join refused using (product)
  where seats > 0 or peak > 0 or leases > 0 or refusals > 0 order by product`;
