import type { Pool } from 'pg';
import type { LicenseUseView } from '#server/api';
import { LicenseMonths } from './months.ts';
import { poolUse } from './sql/pool-use.ts';
import { usesAsCsv } from './uses-csv.ts';

/** So many calendar months are told of, the present one included. */
const MONTHS = 12;

/** How licences were used over time: does one need more seats? */
export class LicenseUse {
  private readonly months: LicenseMonths;

  constructor(private readonly pool: Pool) {
    this.months = new LicenseMonths(pool);
  }

  /** The last `hours` before `now`, which is the database's unless given, and the last twelve months. */
  async view(hours: number, now?: Date): Promise<LicenseUseView> {
    const until = now ?? (await this.now());
    return { hours, pools: await poolUse(this.pool, hours, until), months: await this.months.last(MONTHS, until) };
  }

  /** See `usesAsCsv`. */
  table(from: string, until: string): AsyncGenerator<string> {
    return usesAsCsv(this.pool, from, until);
  }

  private async now(): Promise<Date> {
    const { rows } = await this.pool.query<{ now: Date }>('select now()');
    return rows[0]?.now ?? new Date();
  }
}
