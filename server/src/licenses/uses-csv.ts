import type { Pool } from 'pg';
import { csvRow } from '../common/csv.ts';
import { IS_TAKEN } from './sql/seats-now.ts';

const AT_ONCE = 1000;
const HEAD = ['id', 'pool', 'product', 'cost centre', 'project', 'job', 'taken', 'released', 'free', 'state'];

interface Row {
  readonly id: number;
  readonly pool: string;
  readonly product: string;
  readonly costCenter: string;
  readonly project: string | null;
  readonly job: string | null;
  readonly taken: Date;
  readonly released: Date | null;
  readonly free: Date | null;
  readonly state: string;
  /** When it was taken, to the microsecond. */
  readonly place: string;
}

/** Every seat that was taken on the days from the first to the last (UTC, both included), by pool and time, as text/csv: a piece at a time, for there may be many. */
export async function* usesAsCsv(database: Pool, from: string, until: string): AsyncGenerator<string> {
  yield csvRow(HEAD);
  const pools = await database.query<{ id: number }>('select id from license_pools order by product, name');
  for (const { id } of pools.rows) {
    let rows = await read(database, id, until, `${from}T00:00:00Z`, 0);
    while (rows.length > 0) {
      yield rows.map(writeRow).join('');
      const last = rows.at(-1);
      rows = last === undefined ? [] : await read(database, id, until, last.place, last.id);
    }
  }
}

/** The next ones of a pool after a place. */
async function read(database: Pool, pool: number, until: string, place: string, after: number): Promise<Row[]> {
  const { rows } = await database.query<Row>(
    `select l.id, p.name as pool, p.product, p.cost_center as "costCenter", r.name as project, j.spec->>'name' as job, l.taken_at as taken, l.released_at as released,
         coalesce(l.free_at, l.released_at) as free, case when ${IS_TAKEN} then l.state else 'returned' end as state, l.taken_at::text as place
       from license_leases l join license_pools p on p.id = l.pool_id left join projects r on r.id = l.project_id left join jobs j on j.id = l.job_id
       where l.pool_id = $1 and (l.taken_at, l.id) > ($2::timestamptz, $3::int) and l.taken_at >= $2::timestamptz and l.taken_at < ($4::date + 1)::timestamp at time zone 'utc'
       order by l.taken_at, l.id limit ${AT_ONCE}`,
    [pool, place, after, until],
  );
  return rows;
}

function writeRow({ id, pool, product, costCenter, project, job, taken, released, free, state }: Row): string {
  const times = [taken.toISOString(), released?.toISOString() ?? '', free?.toISOString() ?? ''];
  return csvRow([id, pool, product, costCenter, project ?? '', job ?? '', ...times, state]);
}
