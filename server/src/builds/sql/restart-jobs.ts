import type { PoolClient } from 'pg';
import { statesBefore } from '../job-states.ts';

/** Puts jobs that have their verdict into the queue again, and those that were skipped after them back to waiting. Returns the jobs queued. */
export async function restartJobs(client: PoolClient, buildId: number, jobIds: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ id: number; stage: number }>(
    `update jobs set state = 'queued', reason = null, queued_at = now(), started_at = null, finished_at = null
     where build_id = $1 and id = any($2) and finished_at is not null and state = any($3) returning id, stage_index as stage`,
    [buildId, jobIds, statesBefore('queued')],
  );
  if (rows.length === 0) return [];
  await client.query(
    `update jobs set state = 'waiting', reason = null, finished_at = null where build_id = $1 and state = 'skipped' and stage_index > $2`,
    [buildId, Math.min(...rows.map((row) => row.stage))],
  );
  return rows.map((row) => row.id);
}
