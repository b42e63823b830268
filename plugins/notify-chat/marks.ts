import type { BuildNotice } from '#plugins/api';

const MARKS: Readonly<Record<BuildNotice['build']['state'], string>> = {
  passed: '\u2705',
  failed: '\u274C',
  errored: '\u26A0\uFE0F',
  canceled: '\u26AA',
};

/** A picture of a state, for a quick look. */
export function markOf(state: BuildNotice['build']['state']): string {
  return MARKS[state];
}
