import type { LeaseView, LicensePoolView, LicensesView, SetLicensePool } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import type { Readable } from '../auth/rights.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { IS_TAKEN, IS_VALID } from './sql/seats-now.ts';

type LeaseRow = Omit<LeaseView, 'takenAt' | 'freeAt' | 'job'> & {
  readonly takenAt: Date;
  readonly freeAt: Date | null;
  readonly projectId: number | null;
  readonly jobId: number | null;
  readonly jobName: string | null;
  readonly buildId: number | null;
};

export interface LicenseDeskParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Audit;
}

/** Licence pools as people see and change them. */
export class LicenseDesk {
  constructor(private readonly parts: LicenseDeskParts) {}

  /** All pools, and every seat that is taken. */
  async all(readable: Readable): Promise<LicensesView> {
    const [pools, leases] = await Promise.all([this.pools(), this.leases()]);
    return {
      pools: pools.map((pool) => withSeats(pool, leases)),
      leases: leases.map((lease) => leaseView(lease, readable)),
    };
  }

  /** Makes a pool or changes it. Jobs that wait may begin now. */
  async set(asker: Asker, name: string, wish: SetLicensePool): Promise<LicensePoolView> {
    const { product, seats, mostPerProject, quarantineSeconds, validFrom, validUntil, costCenter } = wish;
    await this.parts.database.pool.query(
      `insert into license_pools (name, product, seats, most_per_project, quarantine_seconds, valid_from, valid_until, cost_center)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (name) do update
       set product = $2, seats = $3, most_per_project = $4, quarantine_seconds = $5, valid_from = $6, valid_until = $7, cost_center = $8`,
      [name, product, seats, mostPerProject, quarantineSeconds, validFrom, validUntil, costCenter],
    );
    await this.parts.audit.note({ who: asker.name, action: 'license.set', target: `licence pool ${name}`, details: wish });
    this.parts.events.emit('wake');
    const { pools } = await this.all('all');
    const found = pools.find((pool) => pool.name === name);
    if (found === undefined) throw new CoreError('not-found', `There is no licence pool ${name} any more.`);
    return found;
  }

  /** Throws `conflict` while a seat of it is taken, `not-found`. */
  async remove(asker: Asker, name: string): Promise<void> {
    await withTransaction(this.parts.database, async (client) => {
      const { rows } = await client.query<{ id: number }>('select id from license_pools where name = $1 for update', [name]);
      const [pool] = rows;
      if (pool === undefined) throw new CoreError('not-found', `There is no licence pool ${name}.`);
      const taken = await client.query(`select 1 from license_leases l where pool_id = $1 and ${IS_TAKEN} limit 1`, [pool.id]);
      if (taken.rowCount !== 0)
        throw new CoreError('conflict', `Seats of ${name} are taken. Set them to 0, so that no job gets another, and remove it when they are free.`);
      await client.query('delete from license_pools where id = $1', [pool.id]);
    });
    await this.parts.audit.note({ who: asker.name, action: 'license.remove', target: `licence pool ${name}` });
  }

  /** Ends a quarantine: somebody knows that the vendor counts the seat no more. Throws `not-found` where the seat is in none. */
  async release(asker: Asker, leaseId: number): Promise<void> {
    const { rows } = await this.parts.database.pool.query<{ pool: string }>(
      `update license_leases l set state = 'returned', free_at = now() from license_pools p
       where l.id = $1 and p.id = l.pool_id and l.state = 'quarantined' and l.free_at > now() returning p.name as pool`,
      [leaseId],
    );
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `No seat ${leaseId} is in quarantine.`);
    await this.parts.audit.note({ who: asker.name, action: 'license.release', target: `licence pool ${row.pool}`, details: { lease: leaseId } });
    this.parts.events.emit('wake');
  }

  private async pools(): Promise<Omit<LicensePoolView, 'held' | 'quarantined' | 'free'>[]> {
    const { rows } = await this.parts.database.pool.query<Omit<LicensePoolView, 'held' | 'quarantined' | 'free' | 'createdAt'> & { createdAt: Date }>(
      `select name, product, seats, most_per_project as "mostPerProject", quarantine_seconds as "quarantineSeconds",
         valid_from::text as "validFrom", valid_until::text as "validUntil", ${IS_VALID} as "isValid", cost_center as "costCenter",
         created_at as "createdAt"
       from license_pools p order by product, name`,
    );
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  private async leases(): Promise<LeaseRow[]> {
    const { rows } = await this.parts.database.pool.query<LeaseRow>(
      `select l.id, p.name as pool, p.product, l.state, l.taken_at as "takenAt", l.free_at as "freeAt", l.project_id as "projectId", l.job_id as "jobId",
         j.spec->>'name' as "jobName", j.build_id as "buildId"
       from license_leases l join license_pools p on p.id = l.pool_id left join jobs j on j.id = l.job_id
       where l.state <> 'returned' and ${IS_TAKEN} order by l.id`,
    );
    return rows;
  }
}

function withSeats(pool: Omit<LicensePoolView, 'held' | 'quarantined' | 'free'>, leases: readonly LeaseRow[]): LicensePoolView {
  const count = (state: LeaseView['state']): number => leases.filter((lease) => lease.pool === pool.name && lease.state === state).length;
  const [held, quarantined] = [count('held'), count('quarantined')];
  return { ...pool, held, quarantined, free: pool.isValid ? Math.max(0, pool.seats - held - quarantined) : 0 };
}

function leaseView({ takenAt, freeAt, projectId, jobId, jobName, buildId, ...lease }: LeaseRow, readable: Readable): LeaseView {
  const isShown = readable === 'all' || (projectId !== null && readable.has(projectId));
  const job = isShown && jobId !== null && buildId !== null ? { id: jobId, name: jobName ?? '', buildId } : null;
  return { ...lease, job, takenAt: takenAt.toISOString(), freeAt: freeAt?.toISOString() ?? null };
}
