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

  /** Deletes what is due now; how many logs that were. One that cannot be deleted stays due, and keeps none of the others. */
  async expire(): Promise<number> {
    let count = 0;
    for (let ids = await this.due(0); ids.length > 0; ids = await this.due(ids.at(-1) ?? 0)) {
      const deleted: number[] = [];
      for (const id of ids) if (await this.remove(id)) deleted.push(id);
      await this.pool.query('update attempts set log_deleted = true, log_size = 0 where id = any($1)', [deleted]);
      count += deleted.length;
    }
    return count;
  }

  /** Attempts above `after` whose logs are due, by id. An attempt without output has a log all the same: its files. */
  private async due(after: number): Promise<number[]> {
    const { rows } = await this.pool.query<{ id: number }>(
      `select id from attempts where not log_deleted and finished_at < now() - make_interval(secs => $1) and id > $2 order by id limit $3`,
      [(this.days ?? 0) * 86_400, after, AT_ONCE],
    );
    return rows.map((row) => row.id);
  }

  private async remove(id: number): Promise<boolean> {
    try {
      await this.logs.remove(id);
      return true;
    } catch (error) {
      this.logger.warn('an old log could not be deleted; trying again in an hour', { attempt: id, error });
      return false;
    }
  }

  private async look(): Promise<void> {
    try {
      await this.expire();
    } catch (error) {
      this.logger.warn('old logs could not be deleted; trying again in an hour', { error });
    }
  }
}
