import type { Pool } from 'pg';

/** Of these jobs, those that are of these builds. */
export async function jobsOfBuilds(pool: Pool, jobs: readonly number[], builds: readonly number[]): Promise<{ id: number; buildId: number }[]> {
  if (jobs.length === 0) return [];
  const { rows } = await pool.query<{ id: number; buildId: number }>({
    name: 'jobs-of-builds',
    text: 'select id, build_id as "buildId" from jobs where id = any($1) and build_id = any($2)',
    values: [jobs, builds],
  });
  return rows;
}
