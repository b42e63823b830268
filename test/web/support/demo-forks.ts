import { ForkReport, ForkView, type FailedTest, type ForkPair } from '#server/api';
import { ago } from './demo-clock.ts';

/** The project that is a fork of Python. */
export const DEMO_FORK = 4;

const NEW = '5e0c1d9f7a3b4c2d8e6f00112233445566778899';
const OLD = '0b1e7a9c5d3f2a4b6c8d00112233445566778800';

function failure(name: string, message: string, logLine: number): FailedTest {
  return { name, outcome: 'failed', file: null, line: null, message, logLine };
}

function pair(name: string, jobId: number, changed: Partial<ForkPair> = {}): ForkPair {
  const side = { jobId, state: 'passed', reason: null, tests: 412, failed: 0 } as const;
  return { name, outcome: 'same', upstream: side, fork: { ...side, jobId: jobId + 1 }, tests: [], note: null, ...changed };
}

/** Whether all is known, or one package is still being tried. */
export function demoForkReport(revision: string | null): ForkReport {
  const isOld = revision === OLD;
  return ForkReport.parse({
    name: 'acme-3.8',
    upstream: '3.8',
    revision: revision ?? NEW,
    own: { buildId: 12, state: 'passed' },
    revisions: [
      { revision: NEW, branches: ['audited/3.8'], at: ago(3200) },
      { revision: OLD, branches: ['audited/3.8'], at: ago(260_000) },
    ],
    packages: [
      { projectId: 1, projectName: 'cryptography', outcome: 'same', buildId: 10, problem: null, commit: '4f'.repeat(20), pairs: [pair('py38', 12_001), pair('py38-openssl3', 12_003)] },
      isOld
        ? { projectId: 2, projectName: 'python-dateutil', outcome: 'same', buildId: 11, problem: null, commit: 'ab'.repeat(20), pairs: [pair('tests', 12_005)] }
        : {
            projectId: 2,
            projectName: 'python-dateutil',
            outcome: 'regressed',
            buildId: 11,
            problem: null,
            commit: 'ab'.repeat(20),
            pairs: [
              pair('tests', 12_005, {
                outcome: 'regressed',
                fork: { jobId: 12_006, state: 'failed', reason: null, tests: 1961, failed: 2 },
                upstream: { jobId: 12_005, state: 'failed', reason: null, tests: 1961, failed: 1 },
                tests: [
                  { name: 'tests/test_tz.py::TestTZ::test_ambiguous_negative_utcoffset', outcome: 'regressed', failure: failure('a', "AssertionError: datetime.timedelta(days=-1, seconds=68400) != datetime.timedelta(0)", 812) },
                  { name: 'tests/test_parser.py::test_year_of_two_digits', outcome: 'fixed', failure: failure('b', 'ValueError: year 0 is out of range', 640) },
                ],
              }),
            ],
          },
      { projectId: 5, projectName: 'attrs', outcome: 'open', buildId: 13, problem: null, commit: 'cd'.repeat(20), pairs: [pair('tests', 12_007, { outcome: 'open', fork: { jobId: 12_008, state: 'running', reason: null, tests: null, failed: null } })] },
      { projectId: 6, projectName: 'sqlalchemy-utils', outcome: 'unknown', buildId: null, problem: 'The repository https://git.example.org/pypa-friends/sqlalchemy-utils.git cannot be reached: connection refused.', commit: null, pairs: [] },
    ],
  }); // prettier-ignore
}

/** How it is built, and what it has published. */
export const DEMO_FORK_VIEW: ForkView = {
  projectId: DEMO_FORK,
  name: 'acme-3.8',
  upstream: '3.8',
  definition: null,
  configure: ['--enable-optimizations', '--with-lto'],
  tests: ['-x', 'test_gdb'],
  images: ['debian-12'],
  packages: [
    { projectId: 1, projectName: 'cryptography' },
    { projectId: 2, projectName: 'python-dateutil' },
  ],
  published: [
    {
      revision: 'c41f0d2b7a9e5566778899aabbccddeeff001122',
      branches: ['main', 'audited'],
      image: 'debian-12',
      version: '3.8.20',
      bytes: 31_400_000,
      sha256: 'ab'.repeat(32),
      buildId: 41,
      createdAt: new Date(Date.now() - 7_200_000).toISOString(),
    },
  ],
};
