import type { PoolClient } from 'pg';
import { CoreError } from '../common/errors.ts';

/**
 * Deletes a project with all that belongs to it; in a transaction. Takes the project, so that no build is made, then its builds, so that none of their jobs is
 * moved. Returns its attempts, whose logs are left. Throws `not-found`, or `conflict` while a job or an attempt has no end: that may be so though its build
 * has a verdict.
 */
export async function deleteProject(client: PoolClient, projectId: number): Promise<number[]> {
  const { rowCount } = await client.query('select 1 from projects where id = $1 for update', [projectId]);
  if (rowCount === 0) throw new CoreError('not-found', `There is no project ${projectId}.`);
  await client.query('select 1 from builds where project_id = $1 order by id for update', [projectId]);
  if (await isAtWork(client, projectId))
    throw new CoreError('conflict', 'A build of this project still runs: cancel it first, or wait for its jobs.');
  const { rows } = await client.query<{ id: number }>(
    `select a.id from builds b join jobs j on j.build_id = b.id join attempts a on a.job_id = j.id where b.project_id = $1`,
    [projectId],
  );
  await client.query('delete from projects where id = $1', [projectId]);
  return rows.map((row) => row.id);
}

async function isAtWork(client: PoolClient, projectId: number): Promise<boolean> {
  const { rows } = await client.query<{ working: boolean }>(
    `select exists (select 1 from builds b join jobs j on j.build_id = b.id where b.project_id = $1 and j.finished_at is null)
       or exists (select 1 from attempts a join jobs j on j.id = a.job_id where j.project_id = $1 and a.finished_at is null) as working`,
    [projectId],
  );
  return rows[0]?.working ?? false;
}
