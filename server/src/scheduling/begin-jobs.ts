import type { PoolClient } from 'pg';
import { type AssignedAttempt, assignJobs } from '../builds/sql/assign-jobs.ts';
import { type SeatWish, seatable, takeSeats } from '../licenses/sql/take-seats.ts';

/** A job that is to begin, with the ready machine that it gets. */
export interface Beginning extends SeatWish {
  readonly machineId: string;
  readonly isolation: string;
}

/** Begins jobs, each with its machine and all its seats or not at all; in a transaction. Those for which something is gone by now are passed over. */
export async function beginJobs(client: PoolClient, owner: string, leaseSeconds: number, jobs: readonly Beginning[]): Promise<AssignedAttempt[]> {
  const wishes = await seatable(client, jobs);
  const attempts = await assignJobs(client, owner, leaseSeconds, wishes);
  const wishOf = new Map(wishes.map((wish) => [wish.jobId, wish]));
  await takeSeats(
    client,
    attempts.flatMap(({ attemptId, jobId }) => {
      const wish = wishOf.get(jobId);
      return wish === undefined ? [] : [{ ...wish, attemptId }];
    }),
  );
  return attempts;
}
