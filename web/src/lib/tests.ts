import type { FailedTest, FlakyNote, TestReport } from '#server/api';
import { formatCount } from './numbers.ts';

/** How a job's tests went, in one sentence without an end: `2 failed, 1 errored, 412 passed, 9 skipped`. */
export function testSentence({ passed, failed, errored, skipped }: TestReport): string {
  const parts = [
    failed > 0 && `${formatCount(failed)} failed`,
    errored > 0 && `${formatCount(errored)} errored`,
    (passed > 0 || failed + errored + skipped === 0) && `${formatCount(passed)} passed`,
    skipped > 0 && `${formatCount(skipped)} skipped`,
  ].filter((part) => part !== false);
  return `tests: ${parts.join(', ')}`;
}

/** Where a test failed, `tests/test_a.py:12`; null where that is not known. */
export function placeOf({ file, line }: FailedTest): string | null {
  if (file === null) return null;
  return line === null ? file : `${file}:${line}`;
}

/** The part of a job's address that leads to what its log says of a failure; empty where that is not known. */
export function lineHash({ logLine }: FailedTest): string {
  return logLine === null ? '' : `#L${logLine + 1}`;
}

/** What is known of a failed test, in words; null if nothing is. */
export function flakyWords({ name }: FailedTest, notes: readonly FlakyNote[]): string | null {
  const note = notes.find((one) => one.name === name);
  if (note === undefined) return null;
  const times = note.times === 1 ? 'once' : `${formatCount(note.times)} times`;
  return `flaky: passed and failed at the same commit ${times} in ${note.days} days`;
}

/** How much of the code was run, as people read it: `87.5%`. */
export function formatCoverage(percent: number): string {
  return `${Math.floor(percent * 10) / 10}%`;
}

/** How many failures are counted that are not in the list. */
export function unlisted({ failed, errored, failures }: TestReport): number {
  return Math.max(0, failed + errored - failures.length);
}
