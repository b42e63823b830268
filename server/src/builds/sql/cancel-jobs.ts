import type { PoolClient } from 'pg';
import { PENDING_STATES } from '../job-states.ts';

/** What a cancellation did: jobs that have their verdict now, and attempts that were asked to end. */
export interface Cancelled {
  readonly jobIds: number[];
  readonly attemptIds: number[];
}

/**
 * Cancels those of the jobs that have no verdict: the ones not begun at once, the others by asking their attempts. `reason`, in words, is what the jobs show;
 * an attempt that was asked before keeps the first one.
 */
export async function cancelJobs(client: PoolClient, jobIds: readonly number[], reason: string): Promise<Cancelled> {
  const pending = await client.query<{ id: number }>(
    `update jobs set state = 'canceled', reason = $2, finished_at = now() where id = any($1) and state = any($3) returning id`,
    [jobIds, reason, PENDING_STATES],
  );
  const running = await client.query<{ id: number }>(
    `update attempts a set cancel_requested = true, cancel_reason = coalesce(a.cancel_reason, $2) from jobs j
     where j.id = any($1) and a.job_id = j.id and a.number = j.attempt and a.finished_at is null returning a.id`,
    [jobIds, reason],
  );
  return { jobIds: pending.rows.map((row) => row.id), attemptIds: running.rows.map((row) => row.id) };
}

/** All jobs of a build that have no verdict yet. */
export async function unfinishedJobs(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>('select id from jobs where build_id = $1 and finished_at is null order by id for update', [
    buildId,
  ]);
  return rows.map((row) => row.id);
}
