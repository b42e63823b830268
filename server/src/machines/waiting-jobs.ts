import type { Pool } from 'pg';
import { requirementsOf } from '../builds/shape.ts';
import type { KeptPool } from '../scheduling/plan-types.ts';
import { waitingByPool } from '../scheduling/wanted-machines.ts';

/** How many jobs wait now for a machine of each pool, by its name; 0 where none does. One that several pools could run waits for each of them. */
export async function waitingJobs(database: Pool, pools: readonly KeptPool[]): Promise<Map<string, number>> {
  const { rows } = await database.query<{ shape: string; count: number }>(
    `select shape, count(*)::int as count from jobs where state = 'queued' group by shape`,
  );
  return waitingByPool(
    pools,
    rows.map(({ shape, count }) => ({ requirements: requirementsOf(shape), count })),
  );
}
