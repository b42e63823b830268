import type { Pool } from 'pg';
import type { Readable } from '../auth/rights.ts';

/** Views of machines in which the jobs of projects that somebody may not read are not there. */
export async function hideJobs<View extends { readonly job: { readonly id: number } | null }>(
  pool: Pool,
  readable: Readable,
  views: readonly View[],
): Promise<View[]> {
  if (readable === 'all') return [...views];
  const ids = views.flatMap(({ job }) => job?.id ?? []);
  const { rows } = await pool.query<{ id: number }>('select id from jobs where id = any($1) and project_id = any($2)', [ids, [...readable]]);
  const shown = new Set(rows.map(({ id }) => id));
  return views.map((view) => (view.job === null || shown.has(view.job.id) ? view : { ...view, job: null }));
}
