import type { Pool } from 'pg';

/** How long a repository is left alone after a look, however many hints come. Seconds. */
const REST_SECONDS = 5;

/** Has a repository looked at, at once or shortly after the last look: anybody may send hints, and none of them is lost. */
export async function lookSoon(pool: Pool, projectId: number | null): Promise<void> {
  await pool.query('update projects set look_at = greatest(now(), polled_at + make_interval(secs => $2)) where id = $1', [projectId, REST_SECONDS]);
}

/** The database's time, for `looked`; as text, since a `Date` would cut it to milliseconds, and so to before a hint of the same one. */
export async function lookBegins(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ now: string }>('select clock_timestamp()::text as now');
  const [row] = rows;
  if (row === undefined) throw new Error('the database does not know the time');
  return row.now;
}

/** Writes down that a repository was looked at, and what was wrong with it. A hint that came since the look began is still to be followed. */
export async function looked(pool: Pool, projectId: number, began: string, problem: string | null): Promise<void> {
  await pool.query(
    `update projects set polled_at = now(), poll_problem = $2,
       look_at = case when look_at > $3::timestamptz then greatest(look_at, now() + make_interval(secs => $4)) end where id = $1`,
    [projectId, problem, began, REST_SECONDS],
  );
}
