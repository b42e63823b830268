import { AuditEntry, BuildView, ImageView, MachinesView, ProjectView, type BuildSummary, type TokenView } from '#server/api';
import { z } from 'zod';
import { DEMO_TOKENS } from './demo-accounts.ts';
import { makeBuild, type DemoBuild, type DemoCell } from './demo-builds.ts';
import { DEMO_FORK } from './demo-forks.ts';
import { ago } from './demo-clock.ts';
import { DEMO_HOSTS } from './demo-hosts.ts';
import { DEMO_IMAGES, DEMO_MACHINES } from './demo-machines.ts';
import { TRUST_BUILDS } from './demo-trust.ts';

/** All that the demo serves, but logs. Parsed by the views it promises, so that it cannot drift from them. */
export interface DemoData {
  projects: ProjectView[];
  builds: BuildView[];
  machines: MachinesView;
  images: ImageView[];
  tokens: TokenView[];
  audit: AuditEntry[];
}

/** The build whose matrix has 100 cells; the one with 40; the one that runs; the one of four. */
export const DEMO = { hundred: 14, forty: 11, running: 12, four: 13, staged: 15, flow: 16 } as const;

const PYTHONS = ['2.7', '3.6', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', 'pypy3.10', 'pypy2.7'];
/** Where and how: the system, its architecture, and what else tells the jobs apart. */
const ROWS = [
  ['linux', 'x86_64', ''], ['linux', 'x86_64', 'OPENSSL=1.1.1'], ['linux', 'x86_64', 'OPENSSL=3.0'], ['linux', 'x86_64', 'OPENSSL=3.4 CFLAGS="-O0 -fsanitize=address"'],
  ['linux', 'x86_64', 'TOXENV=docs,lint,typing,minimum-dependencies'], ['linux', 'aarch64', ''], ['windows', 'x86_64', 'msvc-2022'], ['windows', 'x86_64', 'msvc-2015'],
  ['macos', 'aarch64', ''], ['freebsd', 'x86_64', ''],
] as const; // prettier-ignore

function hundredCells(): DemoCell[] {
  return ROWS.flatMap(([system, architecture, row], r) =>
    PYTHONS.map((column, c): DemoCell => {
      const cell = { column, row, system, architecture };
      if (column === '2.7') return { ...cell, state: 'failed', seconds: 30 + r, reason: 'pip install ended with exit code 1' };
      if (r === 7) return { ...cell, state: 'errored', reason: 'the machine stopped answering after 2 attempts' };
      if (r === 2 && c === 6) return { ...cell, state: 'failed', reason: 'pytest ended with exit code 1' };
      return { ...cell, state: 'passed', seconds: 45 + ((r * 31 + c * 17) % 400) };
    }),
  );
}

function fortyCells(): DemoCell[] {
  const rows = ['TOXENV=py', 'TOXENV=py OPENSSL=0.9.8', 'CC=clang', 'TOXENV=py ARCH=i686', 'TOXENV=docs'];
  const columns = ['2.6', '2.7', '3.2', '3.3', '3.4', 'pypy', 'jython', '3.5-dev'];
  return rows.flatMap((row, r) =>
    columns.map((column, c): DemoCell => ({
      column,
      row,
      state: r === 3 && c === 2 ? 'failed' : 'passed',
      seconds: 60 + r * 50 + c * 9,
      allowFailure: c === 7,
    })),
  );
}

function runningCells(): DemoCell[] {
  return [
    { column: '3.11', row: 'DJANGO=4.2', state: 'passed', seconds: 48 },
    { column: '3.12', row: 'DJANGO=4.2', state: 'running' },
    { column: '3.13', row: 'DJANGO=4.2', state: 'running' },
    { column: '3.11', row: 'DJANGO=5.1', state: 'failed', seconds: 61, reason: 'pytest ended with exit code 1' },
    { column: '3.12', row: 'DJANGO=5.1', state: 'starting', reason: 'copying the repository to the machine' },
    {
      column: '3.13',
      row: 'DJANGO=5.1',
      state: 'queued',
      reason: 'waits for a machine: image debian-12 has 4 of 4 busy, the first is expected free in about 2 min',
    },
    {
      column: 'pypy3.10',
      row: 'DJANGO=4.2',
      state: 'queued',
      reason: 'waits for a machine: no pool offers pypy3.10 just now (pool linux-arm is being made)',
    },
    { column: 'pypy3.10', row: 'DJANGO=5.1', state: 'waiting', reason: 'waits for its stage' },
  ];
}

function fourCells(): DemoCell[] {
  return ['3.10', '3.11', '3.12', '3.13'].map((column, i) => ({ column, row: '', state: 'passed', seconds: 38 + i * 7 }));
}

function stagedCells(): DemoCell[] {
  const tests = ['3.11', '3.12', '3.13'].map((column): DemoCell => ({ column, row: 'tests', state: 'passed', seconds: 95, stage: 'test' }));
  return [
    { column: '3.13', row: 'lint', state: 'passed', seconds: 12, stage: 'check' },
    ...tests,
    { column: '3.14-dev', row: 'tests', state: 'failed', seconds: 20, stage: 'test', allowFailure: true, reason: 'tox ended with exit code 2' },
    { column: '3.13', row: 'publish', state: 'held', stage: 'release', reason: 'held: new contributor, needs an approval' },
  ];
}

function flowCells(): DemoCell[] {
  return Array.from({ length: 24 }, (_, i): DemoCell => ({
    column: '3.12',
    row: `TOXENV=integration-${['postgres', 'mysql', 'sqlite', 'redis'][i % 4] ?? ''}-${10 + i}`,
    state: i === 5 ? 'errored' : i === 9 ? 'canceled' : 'passed',
    seconds: 30 + i * 11,
  }));
}

const DESCRIPTIONS: DemoBuild[] = [
  ...TRUST_BUILDS,
  { id: 10, projectId: 1, projectName: 'cryptography', number: 871, state: 'passed', change: { message: 'Bump the minimum of cffi' }, cells: fourCells(), startedSecondsAgo: 90_000 },
  { id: DEMO.forty, projectId: 2, projectName: 'python-dateutil', number: 204, state: 'failed', change: { message: 'Use the system tz database where there is one', branch: 'feature/system-tz-database-with-a-rather-long-branch-name' }, cells: fortyCells(), startedSecondsAgo: 5400, messages: [{ level: 'warning', text: 'unknown key `sudo` is ignored', path: 'sudo', line: 4, column: 1 }] },
  { id: DEMO.running, projectId: 3, projectName: 'django-taggit', number: 58, state: 'running', change: { kind: 'pull-request', message: 'Add case-insensitive lookups\n\nLookups by name now fold case, as the tag manager already did.\nFixes the reports of doubled tags.', pullRequest: { number: 412, title: 'Case-insensitive lookups', headRepository: 'contrib/django-taggit' }, author: 'Ngọc Trần' }, cells: runningCells(), startedSecondsAgo: 95 },
  { id: DEMO.four, projectId: 4, projectName: 'six', number: 12, state: 'passed', change: { message: 'Release 1.17.0', kind: 'tag', tag: '1.17.0' }, cells: fourCells(), startedSecondsAgo: 700 },
  { id: DEMO.hundred, projectId: 1, projectName: 'cryptography', number: 872, state: 'failed', change: { message: 'Compile the Rust parts with LTO' }, cells: hundredCells(), messages: [
    { level: 'error', text: 'exclude matches no job: `python: 3.5` is in no axis', path: 'jobs.exclude[2]', line: 31, column: 7 },
    { level: 'warning', text: '`dist: trusty` is not offered here; jobs run on debian-12', path: 'dist', line: 3, column: 1 },
    { level: 'info', text: 'the first value of `python` was given to 3 included jobs', path: 'jobs.include', line: 22, column: 5 },
  ], startedSecondsAgo: 3100 },
  { id: DEMO.staged, projectId: 5, projectName: 'attrs', number: 301, state: 'running', change: { message: 'Try frozen classes on 3.14' }, cells: stagedCells(), stages: ['check', 'test', 'release'], startedSecondsAgo: 320 },
  { id: DEMO.flow, projectId: 6, projectName: 'sqlalchemy-utils', number: 77, state: 'errored', change: { message: 'Run against every database we claim to support' }, cells: flowCells(), startedSecondsAgo: 8000 },
]; // prettier-ignore

function project(id: number, name: string, builds: readonly BuildView[]): ProjectView {
  const last = builds.findLast((build) => build.projectId === id);
  return {
    id,
    name,
    url: `https://git.example.org/pypa-friends/${name}.git`,
    scm: 'git',
    defaultBranch: 'main',
    settings: {
      pollSeconds: 60,
      cancelSuperseded: true,
      isolation: id === 1 ? 'vm' : 'none',
      shellWithSecrets: false,
      trust: { untrusted: 'hold', writers: true, groups: ['pypa-friends/maintainers'], merged: false, comments: true },
      statuses: 'build',
    },
    abilities: abilitiesOf(id),
    fork: id === DEMO_FORK ? 'acme-3.8' : null,
    groups: [],
    hasCredentials: id === 1,
    secretNames: id === 1 ? ['CODECOV_TOKEN', 'PYPI_TOKEN'] : [],
    lastBuild: last ? summaryOf(last) : null,
    createdAt: ago(900_000),
  };
}

function abilitiesOf(id: number): ProjectView['abilities'] {
  const isPlain = id === DEMO_HOSTS.plain;
  return { webhooks: !isPlain, statuses: !isPlain, people: !isPlain, pullRequests: !isPlain };
}

/** A build without its jobs. */
export function summaryOf(build: BuildView): BuildSummary {
  const { jobs: _jobs, stages: _stages, messages: _messages, description: _description, ...summary } = build;
  return summary;
}

const ACTIONS: readonly (readonly [action: string, target: string, who: string, details: AuditEntry['details']])[] = [
  ['shell.open', 'job 12004', 'admin', { machine: 'tr00000b2f9f', address: '10.1.4.17' }],
  ['shell.end', 'job 12004', 'admin', { seconds: 412, exitCode: 0 }],
  ['machine.hold', 'job 12004', 'admin', { minutes: 30 }],
  ['shell.refused', 'job 12003', 'dashboard on the wall', { reason: 'this token has no right to shells' }],
  ['machine.release', 'job 13004', 'release script', {}],
];

/** Newest first; more than one page of them. */
function audit(): AuditEntry[] {
  return Array.from({ length: 240 }, (_, n) => {
    const [action, target, who, details] = ACTIONS[n % ACTIONS.length] ?? ['shell.open', 'job 1', 'admin', {}];
    return { id: 240 - n, at: ago(n * n * 9 + 30), who, action, target, details };
  });
}

/** An installation with some life in it, or (`isEmpty`) one just started. */
export function makeDemoData(isEmpty: boolean): DemoData {
  if (isEmpty) return { projects: [], builds: [], machines: { pools: [], machines: [], hosts: [] }, images: [], tokens: [], audit: [] };
  const builds = DESCRIPTIONS.map((description) => makeBuild(description));
  const names = ['cryptography', 'python-dateutil', 'django-taggit', 'six', 'attrs', 'sqlalchemy-utils', 'a-project-without-builds'];
  return {
    projects: z.array(ProjectView).parse(names.map((name, i) => project(i + 1, name, builds))),
    builds: z.array(BuildView).parse(builds),
    machines: MachinesView.parse(DEMO_MACHINES),
    images: z.array(ImageView).parse(DEMO_IMAGES),
    audit: z.array(AuditEntry).parse(audit()),
    tokens: [...DEMO_TOKENS],
  };
}
