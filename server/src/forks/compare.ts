import type { ForkOutcome, ForkPair, ForkTest, JobState, TestReport } from '#server/api';
import { isVerdict } from '#server/api';

/** A job of a package, as it is compared. */
export interface ComparedJob {
  readonly jobId: number;
  readonly name: string;
  readonly state: JobState;
  readonly reason: string | null;
  readonly tests: TestReport | null;
}

/** How one job came out on the fork, beside how it did on its upstream. Pure. */
export function comparePair(name: string, upstream: ComparedJob, fork: ComparedJob): ForkPair {
  const tests = compareTests(upstream.tests, fork.tests);
  return { name, outcome: outcomeOf(upstream, fork, tests), upstream: sideOf(upstream), fork: sideOf(fork), tests, note: noteOf(upstream, fork) };
}

/** The outcome of several: what is open stays open only where nothing is worse. */
export function worst(outcomes: readonly ForkOutcome[]): ForkOutcome {
  const order: readonly ForkOutcome[] = ['regressed', 'open', 'unknown', 'fixed', 'same'];
  return order.find((one) => outcomes.includes(one)) ?? 'unknown';
}

function outcomeOf(upstream: ComparedJob, fork: ComparedJob, tests: readonly ForkTest[]): ForkOutcome {
  if (!isVerdict(upstream.state) || !isVerdict(fork.state)) return 'open';
  const [before, after] = [hasRun(upstream), hasRun(fork)];
  if (before === null || after === null) return 'unknown';
  if (before !== after) return after ? 'fixed' : 'regressed';
  if (tests.some(({ outcome }) => outcome === 'regressed')) return 'regressed';
  if (!before && areUnlike(upstream.tests, fork.tests)) return 'unknown';
  // What is not listed may be worse.
  if (upstream.tests !== null && fork.tests !== null && (isCut(upstream.tests) || isCut(fork.tests))) return 'unknown';
  return tests.length > 0 ? 'fixed' : 'same';
}

/** Whether it passed; null where it was not tried: cancelled, skipped, or errored before any test of it ran. */
function hasRun({ state, tests }: ComparedJob): boolean | null {
  if (state === 'passed') return true;
  if (state === 'failed') return false;
  return state === 'errored' && tests !== null ? false : null;
}

/**
 * The tests that surely failed on one side alone. Names are those of the runner: the same test has the same on both. Beside a list that is cut nothing can be said: what is not on it may
 * have failed all the same.
 */
function compareTests(upstream: TestReport | null, fork: TestReport | null): ForkTest[] {
  if (upstream === null || fork === null || areUnlike(upstream, fork)) return [];
  const [before, after] = [upstream, fork].map(({ failures }) => new Map(failures.map((failure) => [failure.name, failure])));
  const regressed = isCut(upstream)
    ? []
    : fork.failures.filter(({ name }) => before?.has(name) === false).map((failure) => testOf('regressed', failure));
  const fixed = isCut(fork) ? [] : upstream.failures.filter(({ name }) => after?.has(name) === false).map((failure) => testOf('fixed', failure));
  return [...regressed, ...fixed];
}

/** Report files and logs call the same test differently. */
function areUnlike(upstream: TestReport | null, fork: TestReport | null): boolean {
  return upstream !== null && fork !== null && (upstream.files === undefined) !== (fork.files === undefined);
}

/** Whether more tests failed than are listed. */
function isCut({ failed, errored, failures }: TestReport): boolean {
  return failed + errored > failures.length;
}

function testOf(outcome: ForkTest['outcome'], failure: ForkTest['failure']): ForkTest {
  return { name: failure.name, outcome, failure };
}

function sideOf({ jobId, state, reason, tests }: ComparedJob): ForkPair['upstream'] {
  const failed = tests === null ? null : tests.failed + tests.errored;
  return { jobId, state, reason, tests: tests === null ? null : tests.passed + tests.skipped + (failed ?? 0), failed };
}

function noteOf(upstream: ComparedJob, fork: ComparedJob): string | null {
  const [before, after] = [sideOf(upstream), sideOf(fork)];
  if (before.tests === null || after.tests === null) return null;
  const notes = [
    after.tests === before.tests ? '' : `${after.tests} tests ran on the fork, ${before.tests} on its upstream`,
    [upstream, fork].some(({ tests }) => tests !== null && isCut(tests)) ? 'more tests failed than are listed' : '',
    areUnlike(upstream.tests, fork.tests) ? 'only one side left a report file, so that tests cannot be compared one by one' : '',
  ].filter((note) => note !== '');
  return notes.length === 0 ? null : notes.join('; ');
}
