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

/**
 * How far a build's change is trusted. `trusted`: it gets secrets and licences. `untrusted`: it runs without either, kept apart as strangers' changes are. `held`:
 * nothing runs before a maintainer has said so. `approved`: one did, of that very commit. `refused`: one said no.
 */
export const BuildTrust = z.enum(['trusted', 'untrusted', 'held', 'approved', 'refused']);
export type BuildTrust = z.infer<typeof BuildTrust>;

export const MachineState = z.enum(['creating', 'ready', 'assigned', 'destroying', 'gone', 'failed']);
export type MachineState = z.infer<typeof MachineState>;

/** Whether a change that is trusted so far may have secrets and licensed seats. */
export function maySeeSecrets(trust: BuildTrust): boolean {
  return trust === 'trusted' || trust === 'approved';
}

/** Whether a job in this state has its verdict. */
export function isVerdict(state: JobState): state is Verdict {
  return (VERDICTS as readonly JobState[]).includes(state);
}
