import { z } from 'zod';

/** A job's life: `held` and `waiting` before its turn, `queued` until a machine is there, then on the machine, then a verdict. */
export const JobState = z.enum([
  'held',
  'waiting',
  'queued',
  'starting',
  'running',
  'finishing',
  'passed',
  'failed',
  'errored',
  'canceled',
  'skipped',
]);
export type JobState = z.infer<typeof JobState>;

/** The states that a job never leaves (a restart makes a new attempt and begins again at `queued`). */
export const VERDICTS = ['passed', 'failed', 'errored', 'canceled', 'skipped'] as const satisfies readonly JobState[];
export type Verdict = (typeof VERDICTS)[number];

/** Derived from a build's required jobs. */
export const BuildState = z.enum(['queued', 'running', 'passed', 'failed', 'errored', 'canceled']);
export type BuildState = z.infer<typeof BuildState>;

export const MachineState = z.enum(['creating', 'ready', 'assigned', 'destroying', 'gone', 'failed']);
export type MachineState = z.infer<typeof MachineState>;

/** Whether a job in this state has its verdict. */
export function isVerdict(state: JobState): state is Verdict {
  return (VERDICTS as readonly JobState[]).includes(state);
}
