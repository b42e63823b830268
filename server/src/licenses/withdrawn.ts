import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import { IS_VALID } from './sql/seats-now.ts';

/** A job that has a seat which is no longer to be had. */
export interface WithdrawnSeat {
  readonly jobId: number;
  readonly product: string;
}

/**
 * The jobs that hold seats of pools that have expired, or of which seats were taken away, and whose rule is to stop them: of too many the newest. A job that somebody has asked to
 * cancel is not among them.
 */
export async function withdrawnSeats(pool: Pool): Promise<WithdrawnSeat[]> {
  const { rows } = await pool.query<WithdrawnSeat>({
    name: 'withdrawn-seats',
    text: `with held as (
         select l.job_id, l.attempt_id, p.product, ${IS_VALID} as valid, p.seats, row_number() over (partition by p.id order by l.id) as place
         from license_leases l join license_pools p on p.id = l.pool_id
         where p.on_withdrawal = 'stop' and l.state = 'held' and l.attempt_id is not null)
       select h.job_id as "jobId", min(h.product) as product from held h join attempts a on a.id = h.attempt_id
       where (not h.valid or h.place > h.seats) and h.job_id is not null and not a.cancel_requested and a.finished_at is null group by h.job_id order by 1`,
  });
  return rows;
}

export interface WithdrawalsParts {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly cancelJob: (jobId: number, reason: string) => Promise<void>;
}

/** Even without a change licences expire: so often is looked. Milliseconds. */
const TICK_MS = 15_000;

/** Stops the jobs whose seats were withdrawn, for pools whose rule says so. Runs on the server that has the right to schedule. */
export class Withdrawals {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(private readonly parts: WithdrawalsParts) {}

  start(): void {
    this.timer ??= setInterval(() => void this.look(), TICK_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.looking;
  }

  /** Looks now. What fails is tried again at the next look. */
  async look(): Promise<void> {
    this.looking ??= this.enforce().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async enforce(): Promise<void> {
    try {
      for (const { jobId, product } of await withdrawnSeats(this.parts.pool))
        await this.parts.cancelJob(jobId, `its seat of ${product} was withdrawn, and the licence pool's rule is to stop jobs then`);
    } catch (error) {
      this.parts.logger.warn('jobs whose seats were withdrawn could not be stopped; trying again', { error });
    }
  }
}
