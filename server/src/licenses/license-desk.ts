import type { PoolClient } from 'pg';
import type { LicensePoolView, SetLicensePool } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import type { LicenseServers } from './license-servers.ts';
import type { LicenseViews } from './license-views.ts';
import { IS_TAKEN } from './sql/seats-now.ts';
import { whomFor } from './terms.ts';

export interface LicenseDeskParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Audit;
  readonly views: LicenseViews;
  readonly registry: Pick<Registry, 'all' | 'find'>;
  readonly servers: Pick<LicenseServers, 'lookSoon'>;
  /** Stops jobs whose seats are no longer to be had, where that is the rule. */
  readonly withdraw: () => Promise<void>;
}

/** Licence pools as people change them. */
export class LicenseDesk {
  constructor(private readonly parts: LicenseDeskParts) {}

  /** Makes a pool or changes it. Jobs that wait may begin now. Throws `invalid` for a licence server that is not configured. */
  async set(asker: Asker, name: string, wish: SetLicensePool): Promise<LicensePoolView> {
    this.assertServer(wish);
    await withTransaction(this.parts.database, (client) => writePool(client, name, wish));
    const { terms, server, hosts, images, ...details } = wish;
    const words = { for: whomFor(terms), trustedOnly: terms.trustedOnly, hosts: hosts.join(', '), images: images.join(', ') };
    const asked = server === null ? {} : { server: server.instance, feature: server.feature };
    await this.parts.audit.note({
      who: asker.name,
      action: 'license.set',
      target: `licence pool ${name}`,
      details: { ...details, ...words, ...asked },
    });
    // Where another server leads, that asks within its half minute.
    if (server !== null) this.parts.servers.lookSoon();
    await this.parts.withdraw();
    this.parts.events.emit('wake');
    return await this.one(name);
  }

  /** Throws `conflict` while a seat of it is taken, `not-found`. */
  async remove(asker: Asker, name: string): Promise<void> {
    await withTransaction(this.parts.database, async (client) => {
      const id = await poolId(client, name);
      const taken = await client.query(`select 1 from license_leases l where pool_id = $1 and ${IS_TAKEN} limit 1`, [id]);
      if (taken.rowCount !== 0)
        throw new CoreError('conflict', `Seats of ${name} are taken. Set them to 0, so that no job gets another, and remove it when they are free.`);
      await client.query('delete from license_pools where id = $1', [id]);
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

  /** Throws `not-found`. */
  async one(name: string): Promise<LicensePoolView> {
    const { pools } = await this.parts.views.all('all', true);
    const found = pools.find((pool) => pool.name === name);
    if (found === undefined) throw new CoreError('not-found', `There is no licence pool ${name}.`);
    return found;
  }

  private assertServer({ server }: SetLicensePool): void {
    if (server === null || this.parts.registry.find('licenses', server.instance) !== null) return;
    const names = this.parts.registry.all('licenses').map(({ name }) => name);
    const offer = names.length === 0 ? 'none is configured' : `there is ${names.join(', ')}`;
    throw new CoreError('invalid', `There is no licence server "${server.instance}": ${offer}. Add one to the plugins of terrarium.config.yml.`);
  }
}

/** Locks a pool, so that nobody takes or gives its seats meanwhile. Throws `not-found`. */
export async function poolId(client: PoolClient, name: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>('select id from license_pools where name = $1 for update', [name]);
  const [pool] = rows;
  if (pool === undefined) throw new CoreError('not-found', `There is no licence pool ${name}.`);
  return pool.id;
}

const COLUMNS = [
  'product',
  'seats',
  'versions',
  'projects',
  'groups',
  'trusted_only',
  'hosts',
  'images',
  'most_per_project',
  'quarantine_seconds',
  'valid_from',
  'valid_until',
  'on_withdrawal',
  'cost_center',
  'key_use',
  'key_variable',
  'key_as',
  'server',
  'feature',
] as const;

/** What another server or feature has said counts no more. */
const FORGET = `server_seats = case when p.server is not distinct from excluded.server and p.feature is not distinct from excluded.feature then p.server_seats end,
  outside = case when p.server is not distinct from excluded.server and p.feature is not distinct from excluded.feature then p.outside else 0 end,
  checked_at = case when p.server is not distinct from excluded.server and p.feature is not distinct from excluded.feature then p.checked_at end, problem = null`;

async function writePool(client: PoolClient, name: string, wish: SetLicensePool): Promise<void> {
  const { terms, server, ...rest } = wish;
  const values = [rest.product, rest.seats, rest.versions, terms.projects, terms.groups, terms.trustedOnly, rest.hosts, rest.images];
  const more = [rest.mostPerProject, rest.quarantineSeconds, rest.validFrom, rest.validUntil, rest.onWithdrawal, rest.costCenter];
  const keys = [rest.keyUse, rest.keyVariable, rest.keyAs, server?.instance ?? null, server?.feature ?? null];
  const { rows } = await client.query<{ id: number }>(
    `insert into license_pools as p (name, ${COLUMNS.join(', ')}) values ($1, ${COLUMNS.map((_, index) => `$${index + 2}`).join(', ')})
     on conflict (name) do update set ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}, ${FORGET} returning id`,
    [name, ...values, ...more, ...keys],
  );
  // What a chart of its use is drawn against: only where it is another number.
  await client.query(
    `insert into license_limits (pool_id, seats) select $1, $2
     where (select seats from license_limits where pool_id = $1 order by at desc, id desc limit 1) is distinct from $2`,
    [rows[0]?.id, wish.seats],
  );
}
