import type { Pool } from 'pg';
import type { KeyAs, LicensePoolView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { assertMasked } from '../secrets/masked.ts';
import { type LicenseDesk, poolId } from './license-desk.ts';
import { IS_TAKEN } from './sql/seats-now.ts';

export interface LicenseKeysParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Audit;
  readonly box: Pick<SecretBox, 'seal'>;
  readonly desk: Pick<LicenseDesk, 'one'>;
}

/** The keys of licence pools, as admins put them in. They are sealed, and nobody is ever told them but jobs that have a seat. */
export class LicenseKeys {
  constructor(private readonly parts: LicenseKeysParts) {}

  /** Adds a key or puts another in its place. Throws `not-found`, `invalid` for what no log could hide. */
  async set(asker: Asker, pool: string, name: string, value: string): Promise<LicensePoolView> {
    assertMasked(`of the licence, ${name},`, value);
    await withTransaction(this.parts.database, async (client) => {
      const id = await poolId(client, pool);
      await client.query('update license_keys set retired = true where pool_id = $1 and name = $2 and not retired', [id, name]);
      await client.query('insert into license_keys (pool_id, name, value) values ($1, $2, $3)', [
        id,
        name,
        this.parts.box.seal(value, placeOfKey(id, name)),
      ]);
      await client.query(`delete from license_keys k where pool_id = $1 and retired and not exists (${LEASED})`, [id]);
    });
    await this.parts.audit.note({ who: asker.name, action: 'license.key.set', target: `licence pool ${pool}`, details: { key: name } });
    this.parts.events.emit('wake');
    return await this.parts.desk.one(pool);
  }

  /** Throws `not-found`, `conflict` while a job has the seat of that key. */
  async remove(asker: Asker, pool: string, name: string): Promise<void> {
    await withTransaction(this.parts.database, async (client) => {
      const id = await poolId(client, pool);
      const taken = await client.query(
        `select 1 from license_leases l join license_keys k on k.id = l.key_id where k.pool_id = $1 and k.name = $2 and not k.retired and ${IS_TAKEN} limit 1`,
        [id, name],
      );
      if (taken.rowCount !== 0) throw new CoreError('conflict', `The seat of the key ${name} is taken. Remove it when it is free.`);
      const { rowCount } = await client.query('delete from license_keys where pool_id = $1 and name = $2 and not retired', [id, name]);
      if (rowCount === 0) throw new CoreError('not-found', `The licence pool ${pool} has no key ${name}.`);
    });
    await this.parts.audit.note({ who: asker.name, action: 'license.key.remove', target: `licence pool ${pool}`, details: { key: name } });
  }
}

/** Whether a lease that takes a seat has the key `k`. */
const LEASED = `select 1 from license_leases l where l.key_id = k.id and ${IS_TAKEN}`;

/** What a key is sealed for. */
export function placeOfKey(poolNumber: number, name: string): string {
  return `license_keys/${poolNumber}/${name}`;
}

/** Where the pool no longer says by which variable jobs get it. */
const UNNAMED = 'TERRARIUM_LICENSE_KEY';

/** A key that a job is given with its seat. */
export interface GivenKey {
  readonly pool: string;
  readonly variable: string;
  readonly as: KeyAs;
  readonly value: string;
}

/** The keys of an attempt's seats; or why it must not run, in words. Unsealed only here. */
export type GivenKeys = { readonly keys: readonly GivenKey[] } | { readonly problem: string };

interface KeyRow {
  readonly pool: string;
  readonly poolId: number;
  readonly variable: string | null;
  readonly as: KeyAs;
  readonly name: string | null;
  readonly value: Buffer | null;
}

/**
 * Reads the keys that an attempt was given with its seats, whatever has become of their pools since: an attempt that is gone on with is masked by the same. `isRunning`: it has them already, so
 * that nothing which is missing now keeps it from its end.
 */
export async function keysOfAttempt(pool: Pool, box: Pick<SecretBox, 'unseal'>, attemptId: number, isRunning = false): Promise<GivenKeys> {
  const { rows } = await pool.query<KeyRow>({
    name: 'keys-of-attempt',
    text: `select p.name as pool, p.id as "poolId", p.key_variable as variable, p.key_as as "as", k.name, k.value
       from license_leases l join license_pools p on p.id = l.pool_id left join license_keys k on k.id = l.key_id
       where l.attempt_id = $1 and l.state = 'held' and (l.key_id is not null or p.key_use <> 'none') order by p.name`,
    values: [attemptId],
  });
  const keys: GivenKey[] = [];
  for (const { pool: name, poolId: number, variable, as, name: key, value } of rows) {
    if (key !== null && value !== null)
      keys.push({ pool: name, variable: variable ?? UNNAMED, as, value: box.unseal(value, placeOfKey(number, key)) });
    else if (!isRunning) return { problem: `the licence pool ${name} has no key for it: an admin adds one on the page of licences` };
  }
  return { keys };
}
