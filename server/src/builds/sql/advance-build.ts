import type { PoolClient } from 'pg';
import type { BuildState } from '#server/api';
import { type JobOutcome, decideBuild } from '../decide-build.ts';

/**
 * Brings a build up to date with its jobs: lets the next stage begin or skips it, and writes the build's own state. Call it in the transaction that moved a
 * job. Takes the build's row first, so that of two jobs that end at once the later one sees both.
 */
export async function advanceBuild(client: PoolClient, buildId: number): Promise<void> {
  const { rows } = await client.query<{ state: BuildState; fast_finish: boolean; finished: boolean }>(
    'select state, fast_finish, finished_at is not null as finished from builds where id = $1 for update',
    [buildId],
  );
  const build = rows[0];
  if (!build) return;
  const decision = decideBuild(await outcomesOf(client, buildId), build.fast_finish);
  if (decision.beginStage !== null) await beginStage(client, buildId, decision.beginStage);
  if (decision.skipReason !== null) await skipWaiting(client, buildId, decision.skipReason);
  if (decision.state === build.state && decision.finished === build.finished) return;
  await client.query(
    `update builds set state = $2, started_at = case when $2 = 'queued' then null else coalesce(started_at, now()) end,
       finished_at = case when $3 then coalesce(finished_at, now()) end where id = $1`,
    [buildId, decision.state, decision.finished],
  );
}

async function outcomesOf(client: PoolClient, buildId: number): Promise<JobOutcome[]> {
  const { rows } = await client.query<JobOutcome>(
    `select stage_index as "stage", state, allow_failure as "allowFailure", count(*)::int as count
     from jobs where build_id = $1 group by 1, 2, 3`,
    [buildId],
  );
  return rows;
}

async function beginStage(client: PoolClient, buildId: number, stage: number): Promise<void> {
  await client.query(`update jobs set state = 'queued', queued_at = now() where build_id = $1 and stage_index = $2 and state = 'waiting'`, [
    buildId,
    stage,
  ]);
}

async function skipWaiting(client: PoolClient, buildId: number, reason: string): Promise<void> {
  await client.query(`update jobs set state = 'skipped', reason = $2, finished_at = now() where build_id = $1 and state = 'waiting'`, [
    buildId,
    reason,
  ]);
}
