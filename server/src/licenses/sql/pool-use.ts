import type { Pool } from 'pg';
import type { LicenseUsePoint, LicenseUseView } from '#server/api';
import { sweep } from './sweep.ts';

/** Into so many stretches a time is divided. */
const STRETCHES = 96;

interface LevelRow {
  readonly pool: string;
  /** 1 to `STRETCHES`. */
  readonly stretch: number;
  readonly most: number;
  readonly seconds: number;
}

interface LimitRow {
  readonly pool: string;
  readonly product: string;
  readonly seats: number | null;
  readonly at: Date | null;
}

/** How every pool was used in the `hours` before `now`. Exact, from the leases themselves; of which only those of that time are read. */
export async function poolUse(database: Pool, hours: number, now: Date): Promise<LicenseUseView['pools']> {
  const length = (hours * 3_600_000) / STRETCHES;
  const moments = Array.from({ length: STRETCHES + 1 }, (_, index) => new Date(now.getTime() - (STRETCHES - index) * length));
  const levels = await database.query<LevelRow>(LEVELS, [moments[0], now, moments]);
  const limits = await database.query<LimitRow>(LIMITS, [now]);
  const byPlace = new Map(levels.rows.map((row) => [`${row.pool} ${row.stretch}`, row]));
  const pools = new Map(limits.rows.map(({ pool, product }) => [pool, product]));
  return [...pools].map(([pool, product]) => ({
    pool,
    product,
    points: moments.slice(0, -1).map((at, index): LicenseUsePoint => {
      const { most = 0, seconds = 0 } = byPlace.get(`${pool} ${index + 1}`) ?? {};
      return { at: at.toISOString(), most, mean: (seconds * 1000) / length, seats: seatsAt(limits.rows, pool, moments[index + 1] ?? now) };
    }),
  }));
}

/** $1 and $2: from when to when; $3: the ends of the stretches between. */
export const LEVELS = `with ${sweep('p.name')}
  select key as pool, width_bucket(at, $3::timestamptz[]) as stretch, max(level)::int as most, sum(level * extract(epoch from until - at))::float8 as seconds
  from levels where until is not null group by 1, 2`;

const LIMITS = `select p.name as pool, p.product, x.seats, x.at from license_pools p left join license_limits x on x.pool_id = p.id and x.at <= $1
  order by p.product, p.name, x.at, x.id`;

/** The last number that was said at or before a moment; none before the first. */
function seatsAt(changes: readonly LimitRow[], pool: string, moment: Date): number {
  return changes.findLast((change) => change.pool === pool && change.at !== null && change.at <= moment)?.seats ?? 0;
}
