import type { PoolClient } from 'pg';
import { outsideOf, shareSeats, type SharingPool } from '../share-seats.ts';
import type { AskedFeature } from './known-leases.ts';
import { IS_TAKEN } from './seats-now.ts';

/** What a licence server has said of a feature, held against our leases. */
export interface FeatureCount {
  readonly seats: number;
  readonly outside: number;
  /** Leases whose quarantine is over. */
  readonly freed: readonly number[];
}

/** A quarantine that has ended before its time. */
export interface FreedLease {
  readonly id: number;
  readonly pool: string;
}

/** In a transaction, whose pools nobody takes seats of until it ends. Returns the quarantines that it has ended, and whether other numbers are told now than before. */
export async function writeCount(
  client: PoolClient,
  feature: AskedFeature,
  { seats, outside, freed }: FeatureCount,
): Promise<{ readonly ended: readonly FreedLease[]; readonly isNews: boolean }> {
  await lockPools(client, feature);
  const ended = await endQuarantines(client, freed);
  const pools = await sharingPools(client, feature);
  const shares = shareSeats(pools, seats - outside);
  const { rows } = await client.query<{ readonly news: boolean }>({
    name: 'write-license-count',
    text: `update license_pools p set server_seats = $1, outside = c.outside, checked_at = now(), problem = null
       from unnest($2::int[], $3::int[]) as c (id, outside),
         (select id, server_seats, outside, problem from license_pools where id = any($2)) as before
       where p.id = c.id and before.id = p.id
       returning (before.server_seats, before.outside, before.problem) is distinct from (p.server_seats, p.outside, p.problem) as news`,
    values: [seats, pools.map(({ id }) => id), pools.map(({ id }) => outsideOf(id, outside, shares))],
  });
  return { ended, isNews: ended.length > 0 || rows.some(({ news }) => news) };
}

/** What it said last stays. Returns whether that is news. */
export async function writeProblem(client: Pick<PoolClient, 'query'>, { server, feature }: AskedFeature, problem: string): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'write-license-problem',
    text: 'update license_pools set problem = $3 where server = $1 and feature = $2 and problem is distinct from $3',
    values: [server, feature, problem],
  });
  return (rowCount ?? 0) > 0;
}

async function lockPools(client: PoolClient, { server, feature }: AskedFeature): Promise<void> {
  await client.query({
    name: 'lock-asked-pools',
    text: 'select 1 from license_pools where server = $1 and feature = $2 order by id for update',
    values: [server, feature],
  });
}

/** Without a `free_at`: somebody has seen that it is free, and it is to blame for nothing that is taken later. */
async function endQuarantines(client: PoolClient, freed: readonly number[]): Promise<FreedLease[]> {
  if (freed.length === 0) return [];
  const { rows } = await client.query<FreedLease>({
    name: 'end-quarantines-early',
    text: `update license_leases l set state = 'returned', free_at = null from license_pools p
       where l.id = any($1) and p.id = l.pool_id and l.state = 'quarantined' and l.free_at > now() returning l.id, p.name as pool`,
    values: [freed],
  });
  return rows;
}

async function sharingPools(client: PoolClient, { server, feature }: AskedFeature): Promise<SharingPool[]> {
  const { rows } = await client.query<SharingPool>({
    name: 'sharing-pools',
    text: `select p.id, p.seats, (select count(*)::int from license_leases l where l.pool_id = p.id and l.state <> 'returned' and ${IS_TAKEN}) as taken
       from license_pools p where p.server = $1 and p.feature = $2 order by p.id`,
    values: [server, feature],
  });
  return rows;
}
