import { randomUUID } from 'node:crypto';
import type { KeyValueStore } from '#plugins/api';
import type { Database } from './database.ts';

/** The installation's identity, made by the first start. */
export async function installationId(database: Pick<Database, 'pool'>): Promise<string> {
  await database.pool.query('insert into installation (id) select $1 where not exists (select 1 from installation)', [randomUUID()]);
  const { rows } = await database.pool.query<{ id: string }>('select id from installation order by created_at limit 1');
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('the installation has no identity');
  return id;
}

/** What a plugin's instance keeps, in the database. */
export class DatabaseStore implements KeyValueStore {
  constructor(
    private readonly database: Pick<Database, 'pool'>,
    private readonly instance: string,
  ) {}

  async get(key: string): Promise<unknown> {
    const { rows } = await this.database.pool.query<{ value: unknown }>('select value from plugin_values where instance = $1 and key = $2', [
      this.instance,
      key,
    ]);
    return rows[0]?.value;
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.database.pool.query(
      `insert into plugin_values (instance, key, value) values ($1, $2, $3) on conflict (instance, key) do update set value = excluded.value`,
      [this.instance, key, JSON.stringify(value)],
    );
  }

  async delete(key: string): Promise<void> {
    await this.database.pool.query('delete from plugin_values where instance = $1 and key = $2', [this.instance, key]);
  }
}
