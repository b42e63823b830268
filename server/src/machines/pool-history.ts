import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import type { KeptPool } from '../scheduling/plan-types.ts';
import { waitingJobs } from './waiting-jobs.ts';

export interface PoolHistoryParts {
  readonly database: Pool;
  readonly logger: Logger;
  /** How long samples and machines' lives are kept. */
  readonly days: number;
  readonly snapshot: () => readonly KeptPool[];
}

const MINUTE_MS = 60_000;
const PRUNE_MS = 60 * MINUTE_MS;

/** Remembers each minute how the pools stand, and forgets what is older than the installation keeps. */
export class PoolHistory {
  private timer: NodeJS.Timeout | null = null;
  private prunedAt = 0;
  /** Resolves when nothing is being written any more. */
  stopped: Promise<void> = Promise.resolve();

  constructor(private readonly parts: PoolHistoryParts) {}

  start(): void {
    this.timer ??= this.next();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Writes one row a pool for the minute that `now` is in. Another server's row of that minute is replaced. */
  async sample(now: Date): Promise<void> {
    const pools = this.parts.snapshot();
    if (pools.length === 0) return;
    const waiting = await waitingJobs(this.parts.database, pools);
    await this.parts.database.query(
      `insert into pool_samples (pool, at, ready, creating, busy, waiting)
       select pool, date_trunc('minute', $1::timestamptz), ready, creating, busy, waiting
       from unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::int[]) as s (pool, ready, creating, busy, waiting)
       on conflict (pool, at) do update set ready = excluded.ready, creating = excluded.creating, busy = excluded.busy, waiting = excluded.waiting`,
      [
        now,
        pools.map(({ name }) => name),
        pools.map(({ ready }) => ready),
        pools.map(({ creating }) => creating),
        pools.map(({ busy }) => busy),
        pools.map(({ name }) => waiting.get(name) ?? 0),
      ],
    );
  }

  /** Forgets samples and lives that are too old. */
  async prune(): Promise<void> {
    const seconds = this.parts.days * 86_400;
    await this.parts.database.query('delete from pool_samples where at < now() - make_interval(secs => $1)', [seconds]);
    await this.parts.database.query('delete from machine_lives where gone_at < now() - make_interval(secs => $1)', [seconds]);
  }

  /** At the beginning of the next minute. */
  private next(): NodeJS.Timeout {
    return setTimeout(
      () => {
        this.timer = this.next();
        this.stopped = this.write();
      },
      MINUTE_MS - (Date.now() % MINUTE_MS),
    );
  }

  private async write(): Promise<void> {
    try {
      await this.sample(new Date());
      if (Date.now() - this.prunedAt < PRUNE_MS) return;
      await this.prune();
      this.prunedAt = Date.now();
    } catch (error) {
      this.parts.logger.warn('how the pools stand could not be written down', { error });
    }
  }
}
