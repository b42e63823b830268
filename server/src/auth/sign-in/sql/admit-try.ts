import type { ClientBase } from 'pg';
import type { Patience } from '../lockout.ts';

/**
 * Counts a try under `key` as a failure, in one statement, so that of many at once each sees the ones before. Gives 0 if it may be made, else the seconds until the
 * next one may; that one is not counted.
 */
export async function admitTry(client: ClientBase, key: string, { free, longestSeconds }: Patience): Promise<number> {
  const { rowCount } = await client.query({
    name: 'admit-try',
    text: `insert into sign_in_tries as t (key, failures, last_at, until) values ($1, 1, now(), now())
       on conflict (key) do update set failures = t.failures + 1, last_at = clock_timestamp(), until = clock_timestamp() + make_interval(secs =>
         case when t.failures < $2::int then 0 else least($3::float8, power(2, least(t.failures - $2::int, 30))) end)
       where t.until <= clock_timestamp()`,
    values: [key, free, longestSeconds],
  });
  if (rowCount === 1) return 0;
  const { rows } = await client.query<{ wait: number }>(
    'select extract(epoch from until - clock_timestamp())::float8 as wait from sign_in_tries where key = $1',
    [key],
  );
  return Math.max(0.001, rows[0]?.wait ?? 0);
}
