import type { JobState } from '#server/api';

/** What a job's state may become. A statement in `sql/` that moves jobs names the states it starts from, and keeps to this. */
export const JOB_TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  held: ['waiting', 'queued', 'canceled', 'skipped'],
  waiting: ['queued', 'canceled', 'skipped'],
  queued: ['starting', 'errored', 'canceled', 'skipped'],
  // Back to `queued`: its machine was lost, and it is given another attempt.
  starting: ['queued', 'running', 'finishing', 'passed', 'failed', 'errored', 'canceled'],
  running: ['queued', 'finishing', 'passed', 'failed', 'errored', 'canceled'],
  finishing: ['queued', 'passed', 'failed', 'errored', 'canceled'],
  // A restart begins a new attempt.
  passed: ['queued', 'waiting'],
  failed: ['queued', 'waiting'],
  errored: ['queued', 'waiting'],
  canceled: ['queued', 'waiting'],
  skipped: ['queued', 'waiting'],
};

/** The states from which a job may come to `target`. */
export function statesBefore(target: JobState): JobState[] {
  return (Object.keys(JOB_TRANSITIONS) as JobState[]).filter((state) => JOB_TRANSITIONS[state].includes(target));
}

/** On a machine, without a verdict. */
export const ACTIVE_STATES = ['starting', 'running', 'finishing'] as const satisfies readonly JobState[];

/** Not yet on a machine. */
export const PENDING_STATES = ['held', 'waiting', 'queued'] as const satisfies readonly JobState[];
