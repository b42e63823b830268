import type { AttemptEnd } from '../builds/sql/move-attempt.ts';

/** How often a job that has lost its machine is given another one. */
const LOST_RETRIES = 3;

/** An attempt's machine is gone, or could not be reached for as long as that is waited for; the message says how that showed. It says nothing about the job. */
export class MachineLost extends Error {
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'MachineLost';
  }
}

/** How an attempt ends whose machine was lost, and the line with which its log does. */
export interface LostEnd {
  readonly verdict: 'errored';
  readonly reason: string;
  readonly loss: NonNullable<AttemptEnd['loss']>;
  readonly line: string;
}

/**
 * What follows from the loss of a machine, in words. `losses`: how many of the job's machines were lost before this one, since it was last queued by
 * somebody or something else than such a loss.
 */
export function lostEnd({ number, losses }: { readonly number: number; readonly losses: number }, text: string): LostEnd {
  if (losses >= LOST_RETRIES) {
    const reason = `its machine was lost ${losses + 1} times: ${text}`;
    return { verdict: 'errored', reason, loss: { again: null }, line: reason };
  }
  const reason = `its machine was lost: ${text}`;
  const again = `its machine was lost (attempt ${number}): ${text}; tries again`;
  return { verdict: 'errored', reason, loss: { again }, line: `${reason}; attempt ${number + 1} follows` };
}
