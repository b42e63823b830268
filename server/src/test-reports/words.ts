import type { TestReport } from '#server/api';

/** `2 of 40 tests failed`, `40 tests passed`; null where none ran. */
export function testWords({ passed, failed, errored }: TestReport): string | null {
  const ran = passed + failed + errored;
  if (ran === 0) return null;
  const what = ran === 1 ? 'test' : 'tests';
  return failed + errored === 0 ? `${ran} ${what} passed` : `${failed + errored} of ${ran} ${what} failed`;
}
