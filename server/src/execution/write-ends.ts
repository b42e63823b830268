import type { PoolClient } from 'pg';
import type { IsolationRules } from '../builds/isolation-demand.ts';
import { addJobs } from '../builds/sql/add-jobs.ts';
import { advanceBuild } from '../builds/sql/advance-build.ts';
import { holdAttempts } from '../builds/sql/hold-attempts.ts';
import { type AttemptEnd, type EndedJob, finishAttempts } from '../builds/sql/move-attempt.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { noteJobs } from '../notifications/sql/note-build.ts';
import { writeOutcomes } from '../test-history/sql/write-outcomes.ts';

export interface WrittenEnds {
  /** One for each end that was to be written, in their order; null: it was refused, for another process owns the attempt or it has a verdict already. */
  readonly ended: readonly (EndedJob | null)[];
  /** Other jobs that these ends have moved: queued, or skipped. */
  readonly moved: readonly number[];
}

/** Writes verdicts and all that follows from them in one transaction: what is held, the tests, what a job has found out to be run besides, what the build does next. */
export async function writeEnds(database: Database, owner: string, rules: IsolationRules, ends: readonly AttemptEnd[]): Promise<WrittenEnds> {
  return await withTransaction(database, async (client) => {
    const ended = await finishAttempts(client, owner, ends);
    await holdFailed(client, ended, ends);
    await writeOutcomes(client, ended, ends);
    await noteJobs(client, [...new Set(ended.map((job) => job.buildId))]);
    await addPlanned(client, ended, ends, rules);
    const moved: number[] = [];
    // One that is queued again changes nothing for its build: that runs.
    for (const buildId of new Set(ended.filter((job) => !job.again).map((job) => job.buildId))) moved.push(...(await advanceBuild(client, buildId)));
    const byAttempt = new Map(ended.map((job) => [job.attemptId, job]));
    return { ended: ends.map((end) => byAttempt.get(end.attemptId) ?? null), moved };
  });
}

/** The machine of one that has ended badly may be wanted by whoever looks into it. */
async function holdFailed(client: PoolClient, ended: readonly EndedJob[], ends: readonly AttemptEnd[]): Promise<void> {
  const badly = new Set(ends.flatMap(({ attemptId, verdict }) => (verdict === 'failed' || verdict === 'errored' ? [attemptId] : [])));
  await holdAttempts(
    client,
    ended.flatMap(({ attemptId }) => (badly.has(attemptId) ? [attemptId] : [])),
  );
}

async function addPlanned(client: PoolClient, ended: readonly EndedJob[], ends: readonly AttemptEnd[], rules: IsolationRules): Promise<void> {
  for (const { attemptId, again } of ended) {
    const planned = ends.find((end) => end.attemptId === attemptId)?.planned;
    if (planned !== undefined && !again) await addJobs(client, attemptId, planned, rules);
  }
}
