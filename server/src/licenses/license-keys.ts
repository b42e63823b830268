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
      await client.query(
        `insert into license_keys (pool_id, name, value) values ($1, $2, $3) on conflict (pool_id, name) do update set value = excluded.value`,
        [id, name, this.parts.box.seal(value, placeOfKey(id, name))],
      );
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
        `select 1 from license_leases l join license_keys k on k.id = l.key_id where k.pool_id = $1 and k.name = $2 and ${IS_TAKEN} limit 1`,
        [id, name],
      );
      if (taken.rowCount !== 0) throw new CoreError('conflict', `The seat of the key ${name} is taken. Remove it when it is free.`);
      const { rowCount } = await client.query('delete from license_keys where pool_id = $1 and name = $2', [id, name]);
      if (rowCount === 0) throw new CoreError('not-found', `The licence pool ${pool} has no key ${name}.`);
    });
    await this.parts.audit.note({ who: asker.name, action: 'license.key.remove', target: `licence pool ${pool}`, details: { key: name } });
  }
}

/** What a key is sealed for. */
export function placeOfKey(poolNumber: number, name: string): string {
  return `license_keys/${poolNumber}/${name}`;
}

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

/** Reads the keys that go with the seats of an attempt. A shared key is the first of its pool, by name. */
export async function keysOfAttempt(pool: Pool, box: Pick<SecretBox, 'unseal'>, attemptId: number): Promise<GivenKeys> {
  const { rows } = await pool.query<KeyRow>({
    name: 'keys-of-attempt',
    text: `select p.name as pool, p.id as "poolId", p.key_variable as variable, p.key_as as "as", k.name, k.value
       from license_leases l join license_pools p on p.id = l.pool_id
       left join lateral (select k.name, k.value from license_keys k where k.pool_id = p.id and (k.id = l.key_id or p.key_use = 'shared') order by k.name limit 1) k on true
       where l.attempt_id = $1 and l.state = 'held' and p.key_use <> 'none' order by p.name`,
    values: [attemptId],
  });
  const keys: GivenKey[] = [];
  for (const { pool: name, poolId: number, variable, as, name: key, value } of rows) {
    if (key === null || value === null || variable === null)
      return { problem: `the licence pool ${name} has no key for it: an admin adds one on the page of licences` };
    keys.push({ pool: name, variable, as, value: box.unseal(value, placeOfKey(number, key)) });
  }
  return { keys };
}
