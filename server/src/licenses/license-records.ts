import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import { beginOfMonth, LicenseMonths } from './months.ts';

const LOOK_MS = 3_600_000;
/** Leases of the present month and of so many before it are kept. */
const KEPT_MONTHS = 12;
const AT_ONCE = 10_000;

/** Keeps the records of licences: months that are over are written down, and leases that are older than thirteen months forgotten. Runs on the server that has the right to schedule. */
export class LicenseRecords {
  private readonly months: LicenseMonths;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {
    this.months = new LicenseMonths(pool);
  }

  start(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.looking;
  }

  /** Does what is due at `now`. What is forgotten has been written down before. */
  async keep(now: Date): Promise<void> {
    await this.months.settle(KEPT_MONTHS, now);
    await this.forget(beginOfMonth(now, -KEPT_MONTHS));
  }

  private look(): void {
    this.looking ??= this.keep(new Date())
      .catch((error: unknown) => this.logger.warn('the records of licences could not be kept; trying again in an hour', { error }))
      .finally(() => {
        this.looking = null;
      });
  }

  /** A seat that is taken still is never forgotten. Few at once: jobs take seats meanwhile. */
  private async forget(before: Date): Promise<void> {
    const over = `released_at < $1 and (free_at is null or free_at < $1) and state = 'returned' or state = 'held' and attempt_id is null and taken_at < $1`;
    let count = AT_ONCE;
    while (count === AT_ONCE) {
      const { rowCount } = await this.pool.query(
        `delete from license_leases where id in (select id from license_leases where ${over} limit ${AT_ONCE})`,
        [before],
      );
      count = rowCount ?? 0;
    }
    await this.pool.query('delete from license_waits where at < $1', [before]);
  }
}
