import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Logger } from '#plugins/api';
import { DatabaseError, messageOf } from './errors.ts';
import type { Migration } from './migrations/migration.ts';

/** Held while migrations run, so that of several replicas that start together one migrates and the others wait. Any number nobody else uses. */
const LOCK = 7_465_728;

const TABLE = `create table if not exists migrations (
  id text primary key,
  hash text not null,
  applied_at timestamptz not null default now()
)`;

interface Applied {
  id: string;
  hash: string;
}

/**
 * Brings the schema up to the last of `migrations`. Throws `schema` if the database knows a migration that the list does not have (it is newer), or another
 * text of one; throws `migration` if one fails, of which then nothing is kept. After an error the connection may still hold the lock: close it.
 */
export async function migrate(client: ClientBase, migrations: readonly Migration[], logger: Logger): Promise<void> {
  checkOrder(migrations);
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await client.query(TABLE);
  const applied = await readApplied(client);
  checkApplied(applied, migrations);
  for (const migration of migrations.slice(applied.length)) await apply(client, migration, logger);
  await client.query('select pg_advisory_unlock($1)', [LOCK]);
}

/** Throws unless the list is numbered 0001, 0002, 0003 ...: a mistake of ours, so a plain error. */
function checkOrder(migrations: readonly Migration[]): void {
  migrations.forEach(({ id }, index) => {
    const number = String(index + 1).padStart(4, '0');
    if (!/^\d{4}-[a-z0-9-]+$/.test(id) || !id.startsWith(number)) throw new Error(`migration ${id} is listed in the place of number ${number}`);
  });
}

async function readApplied(client: ClientBase): Promise<Applied[]> {
  const { rows } = await client.query<Applied>('select id, hash from migrations order by id');
  return rows;
}

function checkApplied(applied: Applied[], migrations: readonly Migration[]): void {
  applied.forEach(({ id, hash }, index) => {
    const migration = migrations[index];
    if (migration === undefined) {
      throw new DatabaseError(
        'schema',
        `The database is newer than this Terrarium (it has the migration ${id}): start the newer one, or restore a backup from before.`,
      );
    }
    if (migration.id !== id || hashOf(migration) !== hash) {
      throw new DatabaseError(
        'schema',
        `The database has a migration ${id}, but this Terrarium has another ${migration.id}: start the Terrarium that wrote it.`,
      );
    }
  });
}

async function apply(client: ClientBase, migration: Migration, logger: Logger): Promise<void> {
  const { id } = migration;
  logger.info(`changing the database: ${id}`);
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migrations (id, hash) values ($1, $2)', [id, hashOf(migration)]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new DatabaseError('migration', `The migration ${id} failed and was undone: ${messageOf(cause)}`, { cause });
  }
}

function hashOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
