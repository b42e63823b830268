import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import type { LogStore } from './log-store.ts';

const LOOK_MS = 3_600_000;
const AT_ONCE = 1000;

/** Deletes the logs of attempts that ended longer ago than the installation keeps them. What the tables know of them stays. */
export class LogRetention {
  private timer: NodeJS.Timeout | null = null;

  /** `days`: how long a log is kept; null: for ever. */
  constructor(
    private readonly pool: Pool,
    private readonly logs: LogStore,
    private readonly days: number | null,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.days === null) return;
    void this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Deletes what is due now; how many logs that were. */
  async expire(): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>(
      'select id from attempts where log_size > 0 and finished_at < now() - make_interval(secs => $1) order by id limit $2',
      [(this.days ?? 0) * 86_400, AT_ONCE],
    );
    for (const { id } of rows) await this.logs.remove(id);
    await this.pool.query('update attempts set log_size = 0 where id = any($1)', [rows.map((row) => row.id)]);
    return rows.length;
  }

  private async look(): Promise<void> {
    try {
      while ((await this.expire()) === AT_ONCE);
    } catch (error) {
      this.logger.warn('old logs could not be deleted; trying again in an hour', { error });
    }
  }
}
