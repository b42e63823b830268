import type { BuildTrust, JobSummary } from '#server/api';
import { expect, test } from 'vitest';
import { canRestart } from './build-state.ts';

const job: JobSummary = {
  id: 1,
  buildId: 1,
  position: 1,
  name: '3.13',
  stage: 'test',
  allowFailure: false,
  cell: { column: '3.13', row: '' },
  system: 'linux',
  architecture: null,
  state: 'passed',
  reason: null,
  attempt: 1,
  coverage: null,
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
};

test.each<[BuildTrust, number, boolean]>([
  ['trusted', 1, true],
  ['untrusted', 1, true],
  ['approved', 1, true],
  ['held', 1, false],
  ['refused', 1, false],
  ['trusted', 0, false],
])('a build that is %s and has %i jobs can run again: %s', (level, jobs, can) => {
  expect(canRestart({ trust: { level, reason: null, contributor: null }, jobs: Array.from({ length: jobs }, () => job) })).toBe(can);
});
