import type { AttemptView, BuildView, JobSummary, JobView, TestReport } from '#server/api';
import { ago } from './demo-clock.ts';
import { DIGESTS } from './demo-machines.ts';
import type { DemoLog } from './demo-log.ts';

/** Jobs with something to show: denied attempts on the network; a lost first attempt; a machine that is held; one whose project has secrets. */
export const DEMO_PANELS = { denied: 13_003, lost: 12_003, held: 12_004, secrets: 10_001 } as const;

const DENIED: AttemptView['denied'] = [
  { protocol: 'tcp', address: '169.254.169.254', port: 80, count: 3 },
  { protocol: 'udp', address: '8.8.8.8', port: 53, count: 41 },
  { protocol: 'tcp', address: '10.0.2.2', port: 7000, count: 1 },
  { protocol: 'tcp', address: '10.0.2.2', port: 5432, count: 1 },
  { protocol: 'tcp', address: '151.101.64.223', port: 443, count: 6 },
  { protocol: 'tcp', address: '151.101.128.223', port: 443, count: 2 },
  { protocol: 'icmp', address: '192.168.1.14', port: null, count: 4 },
];

/** What somebody has asked for since the demo began. */
export interface DemoHolds {
  /** Minutes by job. */
  wishes: Map<number, number | null>;
  /** Jobs whose held machines were let go. */
  released: Set<number>;
}

/** What a job's page shows; invented where the build does not say. */
export function demoJob(build: BuildView, job: JobSummary, log: DemoLog | undefined, holds: DemoHolds): JobView {
  const attempts = attemptsOf(job, log).map((attempt) => (holds.released.has(job.id) ? { ...attempt, heldUntil: ago(1) } : attempt));
  return {
    ...job,
    attempt: attempts.length,
    projectId: build.projectId,
    projectName: build.projectName,
    buildNumber: build.number,
    buildState: build.state,
    change: build.change,
    config: {
      language: 'python',
      python: job.cell.column,
      env: ['DJANGO=4.2', 'TOXENV=py'],
      install: 'pip install -r requirements.txt',
      script: ['pytest --color=yes -v'],
    },
    attempts,
    steps: log?.steps ?? [],
    logSize: log?.bytes.length ?? 0,
    logLines: log?.lines ?? 0,
    logComplete: log?.complete ?? false,
    flaky: job.state === 'failed' ? [{ name: 'test_speed', times: 3, days: 30 }] : [],
    holdMinutes: holds.wishes.get(job.id) ?? null,
    shellRefused: refusal(job),
  };
}

const FAILED_TESTS: TestReport = {
  passed: 412,
  failed: 2,
  errored: 1,
  skipped: 9,
  failures: [
    {
      name: 'TestCodec.test_surrogates[utf-16-le]',
      outcome: 'failed',
      file: 'tests/test_codec.py',
      line: 88,
      message: "UnicodeDecodeError: 'utf-16-le' codec can't decode bytes in position 4-5: illegal UTF-16 surrogate",
      logLine: 12,
    },
    {
      name: 'test_speed',
      outcome: 'failed',
      file: 'tests/test_speed.py',
      line: 17,
      message: 'assert 0.31 < 0.25\n +  where 0.31 = timed(dumps)',
      logLine: 30,
    },
    {
      name: 'tests/test_extension.py',
      outcome: 'errored',
      file: null,
      line: null,
      message: "ModuleNotFoundError: No module named '_speedups'",
      logLine: null,
    },
  ],
  files: ['junit/fast.xml'],
};

function attemptsOf(job: JobSummary, log: DemoLog | undefined): AttemptView[] {
  if (job.attempt === 0) return [];
  const newest: AttemptView = {
    number: 1,
    state: job.state,
    reason: job.reason,
    machine: 'tr0000019919',
    isolation: 'A virtual machine of its own, made for this job and destroyed after it.',
    image: 'debian-12',
    imageDigest: DIGESTS.debian12,
    host: 'vh-1',
    lost: false,
    denied: job.id === DEMO_PANELS.denied ? DENIED : [],
    licenses: job.id === DEMO_PANELS.held ? ['instantclient-sdk'] : [],
    tests: job.state === 'failed' ? FAILED_TESTS : job.state === 'passed' ? { ...FAILED_TESTS, failed: 0, errored: 0, failures: [] } : null,
    coverage: job.coverage,
    testNotes: job.state === 'failed' ? ['The report junit/slow.xml could not be read: 1:9: unclosed tag: testsuite.'] : [],
    heldUntil: job.id === DEMO_PANELS.held ? ago(-1500) : null,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    logSize: log?.bytes.length ?? 0,
  };
  if (job.id !== DEMO_PANELS.lost) return [newest];
  const lost = {
    ...newest,
    state: 'errored',
    lost: true,
    machine: 'tr00000332a0',
    host: 'vh-3',
    logSize: 8000,
    startedAt: ago(400),
    finishedAt: ago(300),
  } as const;
  return [
    { ...lost, reason: 'Its machine was lost: host vh-3 was drained, no answer for 20 s. Attempt 2 follows.' },
    { ...newest, number: 2 },
  ];
}

function refusal(job: JobSummary): string | null {
  if (job.id === DEMO_PANELS.held) return null;
  if (job.id === 12_003) return 'This project has secrets, and its settings do not let people into machines of jobs that hold them.';
  return ['starting', 'running', 'finishing'].includes(job.state) ? null : 'This job has no machine: it was destroyed when the job ended.';
}
