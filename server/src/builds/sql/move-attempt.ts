import type { PoolClient } from 'pg';
import type { TestReport, Verdict } from '#server/api';
import type { PlannedJobs } from '../../pipelines/index.ts';
import type { TestCase } from '../../test-reports/test-case.ts';
import { giveBack } from '../../licenses/sql/give-back.ts';

// `id = any(array(...))` beside a join keeps the planner from reading a whole table for a few rows whose number it cannot know.

/** Takes the builds of attempts before anything of them is moved, in order: see `lockBuild`. */
async function lockBuildsOf(client: PoolClient, attemptIds: readonly number[]): Promise<void> {
  await client.query({
    name: 'lock-builds-of-attempts',
    text: `select 1 from builds where id in (select j.build_id from attempts a join jobs j on j.id = a.job_id where a.id = any($1)) order by id for update`,
    values: [attemptIds],
  });
}

/**
 * Says that the programs of these attempts run; in a transaction. Returns those that are still `owner`'s: whoever asked for another must let
 * go of it.
 */
export async function markRunning(client: PoolClient, attemptIds: readonly number[], owner: string): Promise<Set<number>> {
  await lockBuildsOf(client, attemptIds);
  const { rows } = await client.query<{ id: number }>({
    name: 'mark-running',
    text: `with moved as (
         update attempts set state = 'running' where id = any($1) and owner = $2 and finished_at is null and state in ('starting', 'running')
         returning id, job_id, number),
       jobs_moved as (
         update jobs j set state = 'running' from moved m
         where j.id = any(array(select job_id from moved)) and j.id = m.job_id and j.attempt = m.number and j.state in ('starting', 'running'))
     select id from moved`,
    values: [attemptIds, owner],
  });
  return new Set(rows.map((row) => row.id));
}

/** How an attempt ended. `logSize`: bytes stored. */
export interface AttemptEnd {
  readonly attemptId: number;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly logSize: number;
  /** What its report files or its log say of tests. Absent or null: nothing. */
  readonly tests?: TestReport | null;
  /** How much of the code was run, percent. Absent or null: nothing is said of it. */
  readonly coverage?: number | null;
  /** What could not be read of its tests, sentences for people. Absent: nothing. */
  readonly testNotes?: readonly string[];
  /** Its tests one by one, for the history; see `writeOutcomes`. Absent: none are known. */
  readonly cases?: readonly TestCase[];
  /** There were more of them. */
  readonly casesAreCut?: boolean;
  /** It came to its end by itself. Absent: it was stopped or lost, and what it had started was killed. */
  readonly inOrder?: boolean;
  /** There where its machine was lost. */
  readonly loss?: Loss;
  /** What a job has found out that asks what there is to run. Absent: it does not ask. */
  readonly planned?: PlannedJobs;
}

/** An attempt's machine was lost. */
export interface Loss {
  /** What its job, queued again for another attempt, says until that begins; null: it has had too many and ends with this one. */
  readonly again: string | null;
}

/** A job that has its verdict now, or is queued again. */
export interface EndedJob {
  readonly attemptId: number;
  readonly jobId: number;
  readonly buildId: number;
  readonly again: boolean;
}

/**
 * Writes the ends of attempts, each once, in a transaction: the fence is the owner, the newest attempt's number and the missing end. Returns the jobs
 * moved; an attempt that the fence refused is not among them. A job takes its attempt's verdict, or goes back to its place in the queue if that is lost and
 * `again`; one that somebody has asked to cancel is cancelled then, never tried again. A cancelled one shows why it was cancelled.
 */
export async function finishAttempts(client: PoolClient, owner: string, ends: readonly AttemptEnd[]): Promise<EndedJob[]> {
  const ids = ends.map((end) => end.attemptId);
  await lockBuildsOf(client, ids);
  const { rows } = await client.query<EndedJob>({
    name: 'finish-attempts',
    text: `with ends as (select * from unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::bool[], $7::text[], $8::jsonb[], $9::float4[],
             $10::jsonb[]) as e (id, verdict, reason, log_size, lost, again, tests, coverage, notes)),
       ended as (
         update attempts a set state = case when e.lost and a.cancel_requested then 'canceled' else e.verdict end,
           reason = case when e.verdict = 'canceled' or e.lost and a.cancel_requested then coalesce(a.cancel_reason, e.reason) else e.reason end,
           lost = e.lost and not a.cancel_requested, log_size = e.log_size, tests = e.tests, coverage = e.coverage,
           test_notes = e.notes, finished_at = now(), lease_until = null
         from ends e where a.id = e.id and a.owner = $1 and a.finished_at is null
         returning a.id, a.job_id, a.number, a.state, a.reason, case when a.lost then e.again end as again)
     update jobs j set state = case when e.again is null then e.state else 'queued' end, reason = coalesce(e.again, e.reason),
       started_at = case when e.again is null then j.started_at end, finished_at = case when e.again is null then now() end
     from ended e
     where j.id = any(array(select job_id from ended)) and j.id = e.job_id and j.attempt = e.number and j.state in ('starting', 'running', 'finishing')
     returning e.id as "attemptId", j.id as "jobId", j.build_id as "buildId", e.again is not null as again`,
    values: [
      owner,
      ids,
      ends.map((end) => end.verdict),
      ends.map((end) => end.reason),
      ends.map((end) => end.logSize),
      ends.map((end) => end.loss !== undefined),
      ends.map((end) => end.loss?.again ?? null),
      ends.map((end) => (end.tests ? JSON.stringify(end.tests) : null)),
      ends.map((end) => end.coverage ?? null),
      ends.map((end) => JSON.stringify(end.testNotes ?? [])),
    ],
  });
  const inOrder = new Map(ends.map((end) => [end.attemptId, end.inOrder ?? false]));
  await giveBack(
    client,
    rows.map(({ attemptId }) => ({ attemptId, inOrder: inOrder.get(attemptId) ?? false })),
  );
  return rows;
}
