import type { Pool } from 'pg';
import type { LicenseMonth } from '#server/api';
import { monthName, monthUse, type MonthTime } from './sql/month-use.ts';

/** So long after a month's end it is written down: whatever began before its end has been committed then. Milliseconds. */
const SETTLED_MS = 3_600_000;

/** How licences were used by month: those that are over are counted once and written down, for nothing changes them any more. */
export class LicenseMonths {
  constructor(private readonly pool: Pool) {}

  /** The `count` last months of UTC, the one in which `now` is included, oldest first; then by product. */
  async last(count: number, now: Date): Promise<LicenseMonth[]> {
    const times = monthsUntil(now, count);
    const [first] = times;
    if (first === undefined) return [];
    const written = await this.written(first.begin);
    const months = [...written];
    for (const time of after(times, written)) months.push(...(await monthUse(this.pool, time)));
    return months;
  }

  /** Writes down what is over, of the last `count` months before the one in which `now` is. */
  async settle(count: number, now: Date): Promise<void> {
    const times = monthsUntil(now, count + 1).filter(({ end }) => end.getTime() + SETTLED_MS <= now.getTime());
    const [first] = times;
    if (first === undefined) return;
    for (const time of after(times, await this.written(first.begin))) await this.write(time, await monthUse(this.pool, time));
  }

  private async written(since: Date): Promise<LicenseMonth[]> {
    const { rows } = await this.pool.query<LicenseMonth>(
      `select to_char(month, 'YYYY-MM') as month, product, seats, peak, leases, seat_hours as "seatHours", refusals from license_months
       where month >= $1::date order by 1, 2`,
      [dayOf(since)],
    );
    return rows;
  }

  private async write({ begin }: MonthTime, months: readonly LicenseMonth[]): Promise<void> {
    await this.pool.query(
      `insert into license_months (month, product, seats, peak, leases, seat_hours, refusals)
       select $1::date, product, seats, peak, leases, hours, refusals
       from unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::float8[], $7::int[]) as m (product, seats, peak, leases, hours, refusals)
       on conflict do nothing`,
      [
        dayOf(begin),
        months.map(({ product }) => product),
        months.map(({ seats }) => seats),
        months.map(({ peak }) => peak),
        months.map(({ leases }) => leases),
        months.map(({ seatHours }) => seatHours),
        months.map(({ refusals }) => refusals),
      ],
    );
  }
}

/** The last `count` months, oldest first; of the last one what is over at `now`. */
function monthsUntil(now: Date, count: number): MonthTime[] {
  return Array.from({ length: count }, (_, index) => {
    const end = beginOfMonth(now, index - count + 2);
    return { begin: beginOfMonth(now, index - count + 1), end: end > now ? now : end };
  });
}

/** The beginning of the month so many after that of `now`, in UTC. */
export function beginOfMonth(now: Date, months: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months));
}

/** They are written in their order, so that none before the last written one is missing. */
function after(times: readonly MonthTime[], written: readonly LicenseMonth[]): MonthTime[] {
  const last = written.at(-1)?.month ?? '';
  return times.filter(({ begin }) => monthName(begin) > last);
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
