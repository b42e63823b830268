import { type BuildState, isVerdict, type JobState } from '#server/api';

/** What of a job counts for its build. */
export interface JobStanding {
  readonly state: JobState;
  readonly allowFailure: boolean;
}

/** What of a job counts for the order of stages. */
export interface StagedJob extends JobStanding {
  readonly stage: string;
}

/** The states of a required job that keep a build from passing, worst first. */
const BAD = ['canceled', 'errored', 'failed'] as const satisfies readonly JobState[];

/** States of a job before any machine has been asked for it. */
const NOT_BEGUN: ReadonlySet<JobState> = new Set(['held', 'waiting', 'queued']);

/**
 * The state of a build. Over its required jobs canceled goes before errored, before failed, before passed; a skipped job changes nothing,
 * and with no required job at all the build has passed. The verdict is there when every job has ended; with `fastFinish` as soon as all
 * required ones have, or one of them went wrong. Pure.
 */
export function buildState(jobs: readonly JobStanding[], options: { readonly fastFinish: boolean }): BuildState {
  const required = jobs.filter(({ allowFailure }) => !allowFailure);
  const bad = BAD.find((state) => required.some((job) => job.state === state)) ?? null;
  const awaited = options.fastFinish ? required : jobs;
  if (awaited.every(({ state }) => isVerdict(state))) return bad ?? 'passed';
  if (options.fastFinish && bad !== null) return bad;
  return jobs.every(({ state }) => NOT_BEGUN.has(state)) ? 'queued' : 'running';
}

/** What is to be done with the jobs that wait for their stage. */
export type StageDecision<Job> =
  /** A stage's turn has come: these jobs may be queued. */
  | { readonly kind: 'start'; readonly stage: string; readonly jobs: readonly Job[] }
  /** `stage` went wrong: these jobs of later stages will not run. */
  | { readonly kind: 'skip'; readonly stage: string; readonly jobs: readonly Job[] }
  /** Nothing to do now: a stage still runs, or nothing waits any more. */
  | { readonly kind: 'nothing' };

/**
 * Whose turn it is. A stage's jobs begin together, when every job of all stages before has ended and none of the required ones went
 * wrong; once a stage has ended badly, whatever waits in later ones is skipped. To be asked whenever a job gets its verdict, and at the
 * beginning. Jobs of a stage that `stages` does not name come last. Pure.
 */
export function nextStage<Job extends StagedJob>(stages: readonly string[], jobs: readonly Job[]): StageDecision<Job> {
  const order = [...new Set([...stages, ...jobs.map(({ stage }) => stage)])];
  for (const [index, stage] of order.entries()) {
    const members = jobs.filter((job) => job.stage === stage);
    const waiting = members.filter(({ state }) => state === 'waiting');
    if (waiting.length > 0) return { kind: 'start', stage, jobs: waiting };
    if (!members.every(({ state }) => isVerdict(state))) return { kind: 'nothing' };
    if (wentWrong(members)) return skipAfter(stage, order.slice(index + 1), jobs);
  }
  return { kind: 'nothing' };
}

function wentWrong(jobs: readonly JobStanding[]): boolean {
  return jobs.some(({ state, allowFailure }) => !allowFailure && BAD.some((bad) => bad === state));
}

function skipAfter<Job extends StagedJob>(stage: string, later: readonly string[], jobs: readonly Job[]): StageDecision<Job> {
  const waiting = jobs.filter((job) => job.state === 'waiting' && later.includes(job.stage));
  return waiting.length === 0 ? { kind: 'nothing' } : { kind: 'skip', stage, jobs: waiting };
}
