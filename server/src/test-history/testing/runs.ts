import { randomUUID } from 'node:crypto';
import { assign, change, jobsOf, jobSpec, newBuild } from '../../builds/testing/rows.ts';
import { insertBuild, type NewBuildTrust, TRUSTED } from '../../builds/sql/insert-build.ts';
import { finishAttempts } from '../../builds/sql/move-attempt.ts';
import { type Database, withTransaction } from '../../database/index.ts';
import type { TestCase, TestOutcome } from '../../test-reports/test-case.ts';
import { writeOutcomes } from '../sql/write-outcomes.ts';

/** A run of a job, as a test wants it. */
export interface WantedRun {
  readonly commit?: string;
  readonly job?: string;
  readonly interpreter?: string;
  readonly trust?: NewBuildTrust;
  /** How long ago it ended. */
  readonly daysAgo?: number;
}

const owner = randomUUID();

export function testCase(name: string, outcome: TestOutcome = 'passed', milliseconds: number | null = null): TestCase {
  return { name, outcome, milliseconds };
}

/** Brings a build of one job to its end, with these outcomes of its tests, as the executor does. Returns its job. */
export async function insertRun(database: Database, projectId: number, cases: readonly TestCase[], run: WantedRun = {}): Promise<number> {
  const { commit = 'a', job = 'job', interpreter = null, trust = TRUSTED, daysAgo = 0 } = run;
  const spec = jobSpec(job, { requirements: { system: 'linux', architecture: null, interpreter, image: null } });
  const build = newBuild(projectId, [spec], { change: change({ commit: commit.repeat(40).slice(0, 40) }), trust });
  const buildId = await withTransaction(database, (client) => insertBuild(client, build));
  const [{ id } = { id: 0 }] = await jobsOf(database, buildId);
  const [attempt] = await assign(database, owner, [id]);
  const end = { attemptId: attempt?.attemptId ?? 0, verdict: 'passed' as const, reason: null, logSize: 0, cases };
  await withTransaction(database, async (client) => writeOutcomes(client, await finishAttempts(client, owner, [end]), [end]));
  await database.pool.query('update test_runs set at = now() - make_interval(days => $2) where attempt_id = $1', [end.attemptId, daysAgo]);
  return id;
}
