import type { AttemptView, JobView } from '#server/api';
import { isOnMachine } from './status.ts';

/** For how long a machine can be held, as offered; the server takes 1 to 480 minutes. */
export const HOLD_MINUTES = [15, 30, 60] as const;

/** How a person gets into a job's machine. */
export type Entry = 'none' | 'later' | 'now' | 'held';

/** Whether its machine can be entered: it runs, it waits for one (`later`: a hold can be asked for), it is held, or it is over. */
export function entryOf(job: JobView, now: number): Entry {
  if (isOnMachine(job.state)) return 'now';
  if (heldAttempt(job, now)) return 'held';
  return job.state === 'queued' || job.state === 'waiting' || job.state === 'held' ? 'later' : 'none';
}

/** The attempt whose machine is held now; null if there is none. `now` in milliseconds since 1970. */
export function heldAttempt(job: JobView, now: number): AttemptView | null {
  return job.attempts.find(({ heldUntil }) => heldUntil !== null && Date.parse(heldUntil) > now) ?? null;
}

/** The command that opens a shell there; by the page's address, so that it works on any computer. `origin` as in `https://ci.example.org`. */
export function enterCommand(origin: string, jobId: number): string {
  return `terrarium ssh ${origin}/jobs/${jobId}`;
}
