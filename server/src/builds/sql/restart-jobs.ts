import type { PoolClient } from 'pg';
import type { JobState } from '#server/api';
import { statesBefore } from '../job-states.ts';

/**
 * Begins jobs again that have their verdict, in the order of their stages: those of the lowest stage without an end are queued, the others wait for
 * `advanceBuild`. So do the jobs of later stages that never began because of those restarted: they were skipped, or cancelled together with them. Returns all
 * jobs moved; the caller holds the build.
 */
export async function restartJobs(client: PoolClient, buildId: number, jobIds: readonly number[]): Promise<number[]> {
  const restarted = await reopen(client, buildId, jobIds);
  if (restarted.length === 0) return [];
  const first = Math.min(...restarted.map((job) => job.stage));
  const followers = await followersWait(
    client,
    buildId,
    first,
    restarted.some((job) => job.was === 'canceled'),
  );
  await queueLowestStage(
    client,
    buildId,
    restarted.map((job) => job.id),
  );
  return [...restarted.map((job) => job.id), ...followers];
}

async function reopen(client: PoolClient, buildId: number, jobIds: readonly number[]): Promise<{ id: number; stage: number; was: JobState }[]> {
  const { rows } = await client.query<{ id: number; stage: number; was: JobState }>(
    `with old as (
       select id, state from jobs where build_id = $1 and id = any($2) and finished_at is not null and state = any($3) order by id for update)
     update jobs j set state = 'waiting', reason = null, queued_at = null, started_at = null, finished_at = null
     from old where j.id = old.id returning j.id, j.stage_index as stage, old.state as was`,
    [buildId, jobIds, statesBefore('waiting')],
  );
  return rows;
}

/** What somebody cancelled by itself before its turn, a deployment perhaps, does not come back with an earlier job that merely failed. */
async function followersWait(client: PoolClient, buildId: number, after: number, afterCancelled: boolean): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `update jobs set state = 'waiting', reason = null, finished_at = null
     where build_id = $1 and stage_index > $2 and (state = 'skipped' or ($3 and state = 'canceled' and started_at is null)) returning id`,
    [buildId, after, afterCancelled],
  );
  return rows.map((row) => row.id);
}

async function queueLowestStage(client: PoolClient, buildId: number, jobIds: readonly number[]): Promise<void> {
  await client.query(
    `update jobs set state = 'queued', queued_at = now() where id = any($2) and stage_index =
       (select min(stage_index) from jobs where build_id = $1 and finished_at is null)`,
    [buildId, jobIds],
  );
}
