import { Pool, type PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Logger } from '#plugins/api';
import { waitForServer } from './connect.ts';
import { startEmbedded, type Embedded } from './embedded/index.ts';
import { entities } from './entities.ts';
import { messageOf } from './errors.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';

/** The open database. */
export interface Database {
  /** TypeORM, for rows as objects. */
  dataSource: DataSource;
  /** The data source's own pool, for SQL by hand: there is no second one. */
  pool: Pool;
  /** Connection string, with the password: for connections of one's own, as `listen` makes. */
  url: string;
  logger: Logger;
  /** Closes all connections; stops PostgreSQL if it is the embedded one. */
  close(): Promise<void>;
}

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  /** Connection string of a PostgreSQL of one's own (14 or newer), or null for the embedded one. */
  url: string | null;
  /** Folder of the embedded PostgreSQL; made if missing. */
  folder: string;
  logger: Logger;
  /** Connections of the pool; 20 unless told otherwise. */
  poolSize?: number;
  /** Ends the waiting for a server that is away. */
  signal?: AbortSignal;
}

const POOL_SIZE = 20;
const CONNECT_TIMEOUT_MS = 30_000;

/** Opens the database, starting the embedded PostgreSQL if `url` is null, and brings its schema up to date. Throws `DatabaseError`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded = options.url === null ? await startEmbedded(options) : null;
  try {
    return await connect(options, options.url ?? embedded?.url ?? '', embedded);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function connect(options: DatabaseOptions, url: string, embedded: Embedded | null): Promise<Database> {
  const { logger } = options;
  await waitForServer(url, logger, options.signal);
  const dataSource = await createDataSource(url, options).initialize();
  try {
    const pool = poolOf(dataSource);
    watch(pool, logger);
    await migrateWith(pool, logger);
    return { dataSource, pool, url, logger, close: () => close(dataSource, embedded) };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** A data source that is not connected yet. Exported for the test that compares entities and migrations. */
export function createDataSource(url: string, options: Pick<DatabaseOptions, 'logger' | 'poolSize'>): DataSource {
  return new DataSource({
    type: 'postgres',
    // As TypeORM's own `url` it would be parsed by TypeORM, which does not know sockets.
    extra: { connectionString: url, keepAlive: true },
    applicationName: `terrarium ${process.pid}`,
    poolSize: options.poolSize ?? POOL_SIZE,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // Every connection has a listener of ours, see `watch`; TypeORM only must not print.
    poolErrorHandler: () => undefined,
    entities,
    installExtensions: false,
    synchronize: false,
    logging: false,
  });
}

function poolOf(dataSource: DataSource): Pool {
  const { driver } = dataSource;
  // TypeORM declares `master` as any; what it holds is checked.
  const pool: unknown = driver instanceof PostgresDriver ? driver.master : null;
  if (!(pool instanceof Pool)) throw new Error('TypeORM does not use the pool of pg');
  return pool;
}

/**
 * A connection that breaks emits an error beside rejecting its query, and if nobody listened that would end the process. The pool listens to its idle
 * connections only, so we do for all: what matters reaches whoever was using it through the query.
 */
function watch(pool: Pool, logger: Logger): void {
  const watched = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    client.on('error', (error) => {
      // Our own PostgreSQL may stop before it has read the goodbyes of the connections.
      if (!pool.ending) logger.warn(`a connection to the database broke: ${messageOf(error)}`);
    });
  });
}

async function migrateWith(pool: Pool, logger: Logger): Promise<void> {
  const client = await pool.connect();
  try {
    await migrate(client, migrations, logger);
    client.release();
  } catch (error) {
    // Whatever state it is in, the lock it may hold goes with it.
    client.release(true);
    throw error;
  }
}

async function close(dataSource: DataSource, embedded: Embedded | null): Promise<void> {
  try {
    await dataSource.destroy();
  } finally {
    await embedded?.stop();
  }
}
