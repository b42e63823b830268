import type { AttemptView, JobView } from '#server/api';
import { JOB_LOOK, type StatusLook } from './status.ts';

/** How an attempt whose machine was lost looks: that is no failure of the job's. */
const LOST: StatusLook = { shape: 'dash', tone: 'idle', word: 'machine lost' };

/** An attempt's look: its state's, unless its machine was lost. */
export function attemptLook(attempt: AttemptView): StatusLook {
  return attempt.lost ? LOST : JOB_LOOK[attempt.state];
}

/** The attempt that an address asks for by `?attempt=N`, else the newest; null if there is none. */
export function chosenAttempt(job: JobView, asked: unknown): AttemptView | null {
  const number = typeof asked === 'string' && /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : job.attempt;
  const find = (wanted: number): AttemptView | undefined => job.attempts.find((attempt) => attempt.number === wanted);
  return find(number) ?? find(job.attempt) ?? null;
}

/** What became of lost machines, in words: `1 attempt before it lost its machine`. Empty if none did. */
export function lostSentence(attempts: readonly AttemptView[]): string {
  const lost = attempts.filter((attempt) => attempt.lost).length;
  if (lost === 0) return '';
  return lost === 1
    ? 'One attempt lost its machine: that says nothing about the code.'
    : `${lost} attempts lost their machines: that says nothing about the code.`;
}
