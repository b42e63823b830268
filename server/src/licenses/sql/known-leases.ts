import type { Pool } from 'pg';
import type { KnownLease } from '../reconcile.ts';
import { IS_TAKEN } from './seats-now.ts';

/** A feature of a licence server, by the instance that asks it. */
export interface AskedFeature {
  readonly server: string;
  readonly feature: string;
}

/** The features that licence pools name. */
export async function askedFeatures(pool: Pool): Promise<AskedFeature[]> {
  const { rows } = await pool.query<AskedFeature>({
    name: 'asked-features',
    text: 'select distinct server, feature from license_pools where server is not null and feature is not null order by 1, 2',
  });
  return rows;
}

/** Leases in the light of a feature, and the database's time at which they are so. Those that were over a week ago are no longer of interest. */
export async function knownLeases(pool: Pool, { server, feature }: AskedFeature): Promise<{ readonly leases: KnownLease[]; readonly at: Date }> {
  const { rows } = await pool.query<{ readonly at: Date; readonly leases: readonly (Omit<KnownLease, 'takenAt' | 'releasedAt'> & Times)[] }>({
    name: 'known-leases',
    text: `select now() as at, coalesce(json_agg(json_build_object('id', l.id, 'state', case
           when not p.is_asked then 'elsewhere' when not l.is_taken then 'over' else l.state end, 'takenAt', l.taken_at, 'releasedAt', l.released_at) order by l.id), '[]') as leases
       from (select p.id, (p.server = $1 and p.feature = $2) is true as is_asked from license_pools p
             where p.product in (select product from license_pools where server = $1 and feature = $2) or p.server = $1 and p.feature = $2) p
       join (select l.*, ${IS_TAKEN} as is_taken from license_leases l) l on l.pool_id = p.id
       where l.is_taken and (p.is_asked or l.state = 'held')
         or p.is_asked and not l.is_taken and l.state <> 'held' and l.free_at is not null and l.released_at > now() - interval '7 days'`,
    values: [server, feature],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate has no row');
  return { at: row.at, leases: row.leases.map(dated) };
}

/** As JSON has them. */
interface Times {
  readonly takenAt: string;
  readonly releasedAt: string | null;
}

function dated({ takenAt, releasedAt, ...lease }: Omit<KnownLease, 'takenAt' | 'releasedAt'> & Times): KnownLease {
  return { ...lease, takenAt: new Date(takenAt), releasedAt: releasedAt === null ? null : new Date(releasedAt) };
}
