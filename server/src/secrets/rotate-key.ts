import type { PoolClient } from 'pg';
import { type Database, withTransaction } from '../database/index.ts';
import { placeOfKey } from '../licenses/license-keys.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { placeOfSecret } from './places.ts';

/** The number of the lock that whoever changes the key holds. */
const LOCK = 7_465_730;

/** A sealed value: where it is, and what it is sealed for. */
interface Sealed {
  readonly value: Buffer;
  readonly place: string;
  readonly write: (client: PoolClient, value: Buffer) => Promise<unknown>;
}

/**
 * Changes the key and seals everything anew. First with the key until now, so that nothing needs the one before it, which is given up; then with the new one. Cut off
 * at any point, everything still opens, and it can be done again. Of several servers that are asked to one does it after the other: two changes at once would give up
 * a key that is still needed. Returns how many values were sealed with the new key.
 */
export async function rotateKey(database: Database, box: SecretBox): Promise<number> {
  return await alone(database, async () => {
    await sealAnew(database, box);
    await box.changeKey();
    return await sealAnew(database, box);
  });
}

async function alone<Result>({ pool }: Database, work: () => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    return await work();
  } finally {
    // The lock ends with the connection, whatever state that is in.
    client.release(true);
  }
}

/** Seals what is not sealed with the key in use. */
async function sealAnew(database: Database, box: SecretBox): Promise<number> {
  return await withTransaction(database, async (client) => {
    let count = 0;
    for (const { value, place, write } of await sealedValues(client)) {
      if (box.isCurrent(value)) continue;
      await write(client, box.seal(box.unseal(value, place), place));
      count += 1;
    }
    return count;
  });
}

/** Every sealed value there is, locked until the transaction ends. A new kind of them has to be added here. */
async function sealedValues(client: PoolClient): Promise<Sealed[]> {
  const projects = await client.query<{ id: number; credentials: Buffer | null; hook: Buffer | null }>(
    'select id, credentials, hook_secret as hook from projects order by id for update',
  );
  const secrets = await client.query<{ projectId: number; environment: string; name: string; value: Buffer }>(
    'select project_id as "projectId", environment, name, value from project_secrets order by 1, 2, 3 for update',
  );
  const subscriptions = await client.query<{ id: number; projectId: number; target: Buffer }>(
    'select id, project_id as "projectId", target from subscriptions order by id for update',
  );
  const keys = await client.query<{ id: number; poolId: number; name: string; value: Buffer }>(
    'select id, pool_id as "poolId", name, value from license_keys order by id for update',
  );
  return [
    ...keys.rows.flatMap(({ id, poolId, name, value }) =>
      column(value, placeOfKey(poolId, name), 'update license_keys set value = $2 where id = $1', [id]),
    ),
    ...projects.rows.flatMap(({ id, credentials }) =>
      column(credentials, `projects/${id}/credentials`, 'update projects set credentials = $2 where id = $1', [id]),
    ),
    ...projects.rows.flatMap(({ id, hook }) => column(hook, `projects/${id}/hook`, 'update projects set hook_secret = $2 where id = $1', [id])),
    ...secrets.rows.flatMap(({ projectId, environment, name, value }) =>
      column(
        value,
        placeOfSecret(projectId, environment, name),
        'update project_secrets set value = $2 where project_id = $1 and environment = $3 and name = $4',
        [projectId, environment, name],
      ),
    ),
    ...subscriptions.rows.flatMap(({ id, projectId, target }) =>
      column(target, `subscriptions/${projectId}/target`, 'update subscriptions set target = $2 where id = $1', [id]),
    ),
  ];
}

/** `$2` of the statement is the value, the others are the key's parts in order. */
function column(value: Buffer | null, place: string, sql: string, [first, ...rest]: readonly (number | string)[]): Sealed[] {
  return value === null ? [] : [{ value, place, write: (client, sealed) => client.query(sql, [first, sealed, ...rest]) }];
}
