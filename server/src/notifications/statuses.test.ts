import { expect, test } from 'vitest';
import type { TestReport } from '#server/api';
import { Links } from '../common/links.ts';
import type { BuildFacts, JobFacts } from './facts.ts';
import { reportsOf } from './statuses.ts';

const TESTS: TestReport = {
  passed: 3,
  failed: 1,
  errored: 1,
  skipped: 0,
  failures: [
    { name: 'test_a', outcome: 'failed', file: 'tests/test_a.py', line: 3, message: 'assert 1 == 2', logLine: 7 },
    { name: 'test_b', outcome: 'errored', file: null, line: null, message: '', logLine: 9 },
  ],
};
const ENDED = new Date('2026-01-02T03:04:05Z');
const JOB: JobFacts = {
  id: 7,
  name: '3.11',
  state: 'failed',
  reason: null,
  allowFailure: false,
  tests: TESTS,
  startedAt: ENDED,
  finishedAt: ENDED,
};
const BUILD: BuildFacts = {
  id: 1,
  number: 4,
  projectId: 1,
  projectName: 'shop',
  projectUrl: 'https://example.org/shop',
  statuses: 'jobs',
  state: 'failed',
  trust: 'trusted',
  change: {
    kind: 'push',
    branch: 'main',
    tag: null,
    commit: 'a'.repeat(40),
    before: null,
    message: '',
    author: '',
    committedAt: null,
    repository: 'ada/shop',
    pullRequest: null,
  },
  startedAt: ENDED,
  finishedAt: ENDED,
  jobs: [JOB],
  previous: null,
};
const ANNOTATION = { path: 'tests/test_a.py', line: 3, level: 'failure', title: 'test_a (3.11)', message: 'assert 1 == 2' };

const reports = (changed: Partial<BuildFacts>): ReturnType<typeof reportsOf> =>
  reportsOf({ ...BUILD, ...changed }, new Links('https://ci.example.org'));

test('a job is told with its tests: how many failed, which, and where that is known beside the line', () => {
  const [build, job] = reports({});
  expect(build).toMatchObject({ details: ['3.11: failed (2 of 5 tests failed)'], annotations: [] });
  expect(job).toMatchObject({ summary: 'failed: 2 of 5 tests failed', details: ['failed: test_a', 'errored: test_b'], annotations: [ANNOTATION] });
});

test('where only the build is told of, it has the annotations of all its jobs, a hundred at most', () => {
  const [build, ...more] = reports({ statuses: 'build', jobs: Array.from({ length: 120 }, () => JOB) });
  expect([more, build?.annotations.length, build?.annotations[0]]).toEqual([[], 100, ANNOTATION]);
});

test('while a job runs the build has none yet; where failures are allowed they warn', () => {
  expect(reports({ statuses: 'build', finishedAt: null })[0]?.annotations).toEqual([]);
  expect(reports({ jobs: [{ ...JOB, allowFailure: true }] })[1]?.annotations).toEqual([{ ...ANNOTATION, level: 'warning' }]);
});

test('a job whose tests all passed says so; one without tests, or that is queued again, says nothing of any', () => {
  const told = (job: Partial<JobFacts>): unknown => reports({ jobs: [{ ...JOB, ...job }] })[1];
  const passed = { passed: 1, failed: 0, errored: 0, skipped: 2, failures: [] };
  expect(told({ state: 'passed', tests: passed })).toMatchObject({ summary: 'passed: 1 test passed', details: [], annotations: [] });
  expect(told({ tests: null, reason: 'no machine' })).toMatchObject({ summary: 'failed: no machine', details: [], annotations: [] });
  expect(told({ state: 'queued', finishedAt: null })).toMatchObject({ summary: 'queued', details: [], annotations: [] });
});
