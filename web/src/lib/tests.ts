import type { FailedTest, TestReport } from '#server/api';
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

/** How many failures are counted that are not in the list. */
export function unlisted({ failed, errored, failures }: TestReport): number {
  return Math.max(0, failed + errored - failures.length);
}
