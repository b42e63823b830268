import type { Pool } from 'pg';

/** A queued job, as the scheduler sees it. */
export interface QueuedRow {
  readonly id: number;
  readonly projectId: number;
  readonly shape: string;
}

/**
 * The first `each` queued jobs of every project and shape, by age. A loose index scan: its cost depends on how many projects and shapes wait, not on
 * how many jobs, so that 10,000 queued jobs are dispatched as quickly as ten.
 */
export async function queueWindow(pool: Pool, each: number): Promise<QueuedRow[]> {
  const { rows } = await pool.query<QueuedRow>(
    `with recursive kinds as (
       (select project_id, shape from jobs where state = 'queued' order by project_id, shape limit 1)
       union all
       select next.project_id, next.shape from kinds k, lateral (
         select project_id, shape from jobs where state = 'queued' and (project_id, shape) > (k.project_id, k.shape)
         order by project_id, shape limit 1) next)
     select first.id, k.project_id as "projectId", k.shape from kinds k, lateral (
       select id from jobs where state = 'queued' and project_id = k.project_id and shape = k.shape order by id limit $1) first`,
    [each],
  );
  return rows;
}

/** How many jobs run now, by project. */
export async function runningByProject(pool: Pool): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ projectId: number; count: number }>(
    `select j.project_id as "projectId", count(*)::int as count from attempts a join jobs j on j.id = a.job_id where a.finished_at is null group by 1`,
  );
  return new Map(rows.map((row) => [row.projectId, row.count]));
}

/** The oldest queued jobs, at most `limit`, and how many there are in all. */
export async function oldestQueued(pool: Pool, limit: number): Promise<{ total: number; jobs: QueuedRow[] }> {
  const { rows: totals } = await pool.query<{ total: number }>(`select count(*)::int as total from jobs where state = 'queued'`);
  const { rows } = await pool.query<QueuedRow>(`select id, project_id as "projectId", shape from jobs where state = 'queued' order by id limit $1`, [
    limit,
  ]);
  return { total: totals[0]?.total ?? 0, jobs: rows };
}
