import type { Pool } from 'pg';
import type { FailedTest, FlakyNote, FlakyTests, SlowTests } from '#server/api';
import { moduleOf } from '../test-reports/index.ts';
import { slowness } from './slowness.ts';
import { flakyTests } from './sql/flaky-tests.ts';
import { slowTests } from './sql/slow-tests.ts';
import { hashOf } from './sql/write-outcomes.ts';

const MOST_FLAKY = 100;
/** What a failure on a job's page is known for is of this time. */
const NOTE_DAYS = 30;

/** How a project's tests came out over time. */
export class TestHistory {
  constructor(private readonly pool: Pool) {}

  async flaky(projectId: number, days: number): Promise<FlakyTests> {
    const [counts, rows] = await Promise.all([this.counts(projectId, days), flakyTests(this.pool, projectId, days, null, MOST_FLAKY)]);
    const tests = rows.map(({ name, times, jobs, jobId, attempt, at }) => ({ name, times, jobs, last: { jobId, attempt, at: at.toISOString() } }));
    return { days, ...counts, tests };
  }

  async slow(projectId: number, days: number): Promise<SlowTests> {
    const [{ runs }, rows] = await Promise.all([this.counts(projectId, days), slowTests(this.pool, projectId, days)]);
    return { days, runs, ...slowness(rows) };
  }

  /** Which of some failures are of tests that are known to be flaky. */
  async notes(projectId: number, failures: readonly FailedTest[]): Promise<FlakyNote[]> {
    if (failures.length === 0) return [];
    const names = new Map(failures.flatMap((failure) => namesOf(failure).map((known) => [hashOf(known).toString('hex'), failure.name] as const)));
    const hashes = [...names.keys()].map((hash) => Buffer.from(hash, 'hex'));
    const rows = await flakyTests(this.pool, projectId, NOTE_DAYS, hashes, hashes.length);
    const notes = rows.map(({ hash, name, times }) => ({ name: names.get(hash.toString('hex')) ?? name, times, days: NOTE_DAYS }));
    // Worst first: of two tests that it may be, the worse one.
    return notes.filter((note, index) => notes.findIndex(({ name }) => name === note.name) === index);
  }

  private async counts(projectId: number, days: number): Promise<{ runs: number; cut: number }> {
    const { rows } = await this.pool.query<{ runs: number; cut: number }>(
      `select count(*)::int as runs, (count(*) filter (where is_cut))::int as cut from test_runs where project_id = $1 and at > now() - make_interval(days => $2)`,
      [projectId, days],
    );
    return rows[0] ?? { runs: 0, cut: 0 };
  }
}

/** What the history may call a test: a log of pytest names it without its file. */
function namesOf({ name, file }: FailedTest): string[] {
  return file === null ? [name] : [name, `${moduleOf(file)}.${name}`];
}
