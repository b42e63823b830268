import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';

const LOOK_MS = 3_600_000;
/** Attempts, each perhaps with thousands of outcomes; and names. */
const AT_ONCE = { runs: 50, names: 5000 } as const;

/** Forgets how tests came out when that is older than the installation keeps it, and tests that nothing is known of any more. Runs on the server that has the right to schedule. */
export class ForgetTests {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly days: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopped = false;
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.looking;
  }

  /** Forgets what is due. Few at once: jobs write outcomes meanwhile. */
  async forget(): Promise<void> {
    await this.repeat(
      AT_ONCE.runs,
      `delete from test_runs where attempt_id in (select attempt_id from test_runs where at < now() - make_interval(days => $1) order by at limit $2)`,
      [this.days],
    );
    await this.repeat(
      AT_ONCE.names,
      `delete from tests where id in (select id from tests t where not exists (select 1 from test_outcomes o where o.test_id = t.id) limit $1 for update skip locked)`,
      [],
    );
  }

  private async repeat(atOnce: number, text: string, values: readonly number[]): Promise<void> {
    for (let count: number = atOnce; count === atOnce && !this.stopped;) {
      const { rowCount } = await this.pool.query(text, [...values, atOnce]);
      count = rowCount ?? 0;
    }
  }

  private look(): void {
    this.looking ??= this.forget()
      .catch((error: unknown) => this.logger.warn('old outcomes of tests could not be forgotten; trying again in an hour', { error }))
      .finally(() => {
        this.looking = null;
      });
  }
}
