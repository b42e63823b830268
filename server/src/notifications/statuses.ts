import type { Annotation, StatusReport } from '#plugins/api';
import type { JobState, TestReport } from '#server/api';
import type { Links } from '../common/links.ts';
import { testWords } from '../test-reports/index.ts';
import type { BuildFacts, JobFacts } from './facts.ts';

/** What hosts take at most of one line. */
const LONGEST = 140;
const LONGEST_KEY = 200;
/** Lines of details; hosts show them below one another. */
const MOST_LINES = 100;
const MOST_ANNOTATIONS = 100;

/** What a code host is to be told of a build, the build itself first; its jobs where the project wants that. Pure. */
export function reportsOf(build: BuildFacts, links: Links): StatusReport[] {
  const summary = buildReport(build, links);
  return build.statuses === 'jobs' ? [summary, ...build.jobs.map((job) => jobReport(build, job, links))] : [summary];
}

/** Told apart where the same commit is built as a branch's head and as a pull request's. */
function keyOf({ change }: BuildFacts): string {
  return change.kind === 'pull-request' ? 'terrarium/pull-request' : 'terrarium';
}

function buildReport(build: BuildFacts, links: Links): StatusReport {
  return {
    ...common(build),
    key: keyOf(build),
    state: build.trust === 'held' && build.finishedAt === null ? 'held' : build.state,
    summary: shortened(`Build #${build.number}: ${buildWords(build)}`),
    details: build.jobs.slice(0, MOST_LINES).map((job) => `${job.name}: ${job.state}${inBrackets(job)}`),
    // Those of jobs are on their own where they are told of; while any job runs there may be others yet.
    annotations: build.statuses === 'jobs' || build.finishedAt === null ? [] : build.jobs.flatMap(annotationsOf).slice(0, MOST_ANNOTATIONS),
    url: links.build(build.id),
    startedAt: moment(build.startedAt),
    finishedAt: moment(build.finishedAt),
  };
}

function jobReport(build: BuildFacts, job: JobFacts, links: Links): StatusReport {
  return {
    ...common(build),
    key: `${keyOf(build)}/${job.name}`.slice(0, LONGEST_KEY),
    state: STATE_OF_JOB[job.state],
    summary: shortened(`${job.state}${afterColon(job)}${job.allowFailure ? ' (may fail)' : ''}`),
    details:
      testsOf(job)
        ?.failures.slice(0, MOST_LINES)
        .map(({ name, outcome }) => `${outcome}: ${name}`) ?? [],
    annotations: annotationsOf(job),
    url: links.job(job.id),
    startedAt: moment(job.startedAt),
    finishedAt: moment(job.finishedAt),
  };
}

/** Why, and what its tests say, as far as there is either. */
function remarksOf(job: JobFacts): string[] {
  const tests = testsOf(job);
  return [job.reason, tests === null ? null : testWords(tests)].filter((text) => text !== null);
}

function inBrackets(job: JobFacts): string {
  const remarks = remarksOf(job);
  return remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
}

function afterColon(job: JobFacts): string {
  const remarks = remarksOf(job);
  return remarks.length === 0 ? '' : `: ${remarks.join('; ')}`;
}

/** Of a job that is over. */
function testsOf({ tests, finishedAt }: JobFacts): TestReport | null {
  return finishedAt === null ? null : tests;
}

/** Of the tests whose place is known. */
function annotationsOf(job: JobFacts): Annotation[] {
  const level = job.state === 'passed' || job.allowFailure ? 'warning' : 'failure';
  return (testsOf(job)?.failures ?? []).flatMap(({ file, line, name, outcome, message }) =>
    file === null || line === null
      ? []
      : [{ path: file, line, level, title: `${name} (${job.name})`, message: message.trim() === '' ? outcome : message }],
  );
}

/** A job that was skipped was not wanted any more. */
const STATE_OF_JOB: Readonly<Record<JobState, StatusReport['state']>> = {
  held: 'held',
  waiting: 'queued',
  queued: 'queued',
  starting: 'running',
  running: 'running',
  finishing: 'running',
  passed: 'passed',
  failed: 'failed',
  errored: 'errored',
  canceled: 'canceled',
  skipped: 'canceled',
};

function common({ change }: BuildFacts): Pick<StatusReport, 'commit' | 'branch' | 'pullRequest'> {
  return { commit: change.commit, branch: change.branch, pullRequest: change.pullRequest?.number ?? null };
}

function buildWords(build: BuildFacts): string {
  if (build.trust === 'held' && build.finishedAt === null) return 'waits for a maintainer to approve this commit';
  if (build.trust === 'refused') return 'a maintainer refused this commit';
  if (build.finishedAt === null)
    return build.state === 'queued' ? 'waits for machines' : `${countIn(build, 'running')} of ${build.jobs.length} jobs run`;
  if (build.jobs.length === 0) return 'there is nothing to run';
  const bad = build.jobs.filter(({ state, allowFailure }) => !allowFailure && state !== 'passed');
  const [first] = bad;
  if (first === undefined) return `${build.jobs.length} of ${build.jobs.length} jobs passed`.replace(/^1 of 1 jobs/, 'its job');
  return `${bad.length} of ${build.jobs.length} jobs did not pass, first ${first.name}`;
}

function countIn({ jobs }: BuildFacts, state: JobState): number {
  return jobs.filter((job) => job.state === state).length;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

function moment(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
