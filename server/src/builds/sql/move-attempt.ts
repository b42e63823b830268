import type { PoolClient } from 'pg';
import type { Verdict } from '#server/api';
import { lockBuildOf } from './lock-build.ts';

/** Says that the program runs; in a transaction. False if the attempt is no longer `owner`'s: then whoever asked must let go of it. */
export async function markRunning(client: PoolClient, attemptId: number, owner: string): Promise<boolean> {
  await lockBuildOf(client, attemptId);
  const { rowCount } = await client.query(
    `with moved as (
       update attempts set state = 'running' where id = $1 and owner = $2 and finished_at is null and state in ('starting', 'running')
       returning job_id, number)
     update jobs j set state = 'running' from moved m where j.id = m.job_id and j.attempt = m.number and j.state in ('starting', 'running')`,
    [attemptId, owner],
  );
  return rowCount === 1;
}

/**
 * Writes an attempt's verdict, once, in a transaction: the fence is the owner, the newest attempt's number and the missing end. Returns the job, or null if
 * the fence refused.
 */
export async function finishAttempt(
  client: PoolClient,
  attempt: {
    readonly attemptId: number;
    readonly owner: string;
    readonly verdict: Verdict;
    readonly reason: string | null;
    readonly logSize: number;
  },
): Promise<{ jobId: number; buildId: number } | null> {
  await lockBuildOf(client, attempt.attemptId);
  const { rows } = await client.query<{ jobId: number; buildId: number }>(
    `with ended as (
       update attempts set state = $3, reason = $4, log_size = $5, finished_at = now(), lease_until = null
       where id = $1 and owner = $2 and finished_at is null returning job_id, number)
     update jobs j set state = $3, reason = $4, finished_at = now() from ended e
     where j.id = e.job_id and j.attempt = e.number and j.state in ('starting', 'running', 'finishing')
     returning j.id as "jobId", j.build_id as "buildId"`,
    [attempt.attemptId, attempt.owner, attempt.verdict, attempt.reason, attempt.logSize],
  );
  return rows[0] ?? null;
}
