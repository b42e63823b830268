import type { Pool } from 'pg';
import type { TermsProject } from '../../licenses/terms.ts';

/** A queued job, as the scheduler sees it. */
export interface QueuedRow {
  readonly id: number;
  readonly projectId: number;
  readonly shape: string;
  /** What its project demands now of a machine: an `Isolation`. */
  readonly isolation: string;
  readonly project: TermsProject;
  /** Attempts before. */
  readonly attempt: number;
  /** How long it has been queued. Seconds. */
  readonly seconds: number;
}

/**
 * The first `each` queued jobs of every project and shape, by age. A loose index scan: its cost depends on how many projects and shapes wait, not on
 * how many jobs, so that 10,000 queued jobs are dispatched as quickly as ten.
 */
export async function queueWindow(pool: Pool, each: number): Promise<QueuedRow[]> {
  const { rows } = await pool.query<QueuedRow>({
    name: 'queue-window',
    text: `with recursive kinds as (
       (select project_id, shape from jobs where state = 'queued' order by project_id, shape limit 1)
       union all
       select next.project_id, next.shape from kinds k, lateral (
         select project_id, shape from jobs where state = 'queued' and (project_id, shape) > (k.project_id, k.shape)
         order by project_id, shape limit 1) next)
     select first.id, k.project_id as "projectId", k.shape, p.isolation, json_build_object('name', p.name, 'groups', p.groups) as project, first.attempt,
       coalesce(extract(epoch from now() - first.queued_at), 0)::float8 as seconds from kinds k join projects p on p.id = k.project_id cross join lateral (
       select id, queued_at, attempt from jobs where state = 'queued' and project_id = k.project_id and shape = k.shape order by id limit $1) first`,
    values: [each],
  });
  return rows;
}

/** How many jobs are queued in all. */
export async function countQueued(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ total: number }>({
    name: 'count-queued',
    text: `select count(*)::int as total from jobs where state = 'queued'`,
  });
  return rows[0]?.total ?? 0;
}

/** How many jobs of these projects are queued. */
export async function countQueuedOf(pool: Pool, projects: readonly number[]): Promise<number> {
  const { rows } = await pool.query<{ total: number }>({
    name: 'count-queued-of',
    text: `select count(*)::int as total from jobs where state = 'queued' and project_id = any($1)`,
    values: [projects],
  });
  return rows[0]?.total ?? 0;
}
