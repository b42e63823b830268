import type { Health } from '#server/api';
import type { Database } from '../database/index.ts';

const DATABASE_PATIENCE_MS = 2000;

/** How the server itself stands. */
export class Status {
  private readonly startedAt = new Date().toISOString();

  constructor(
    private readonly database: Database,
    private readonly version: string,
  ) {}

  async health(): Promise<Health> {
    const problem = await this.databaseProblem();
    return { status: problem === null ? 'ok' : 'waiting', version: this.version, database: problem ?? 'ok', startedAt: this.startedAt };
  }

  private async databaseProblem(): Promise<string | null> {
    const late = new Promise<string>((resolve) => setTimeout(resolve, DATABASE_PATIENCE_MS, 'does not answer').unref());
    const asked = this.database.pool.query('select 1').then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return await Promise.race([asked, late]);
  }
}
