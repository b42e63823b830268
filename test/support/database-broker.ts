import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { Client, Pool, escapeIdentifier } from 'pg';
import { startEmbedded, type Embedded } from '../../server/src/database/embedded/index.ts';
import { messageOf } from '../../server/src/database/errors.ts';
import { migrate } from '../../server/src/database/migrate.ts';
import { migrations } from '../../server/src/database/migrations/index.ts';
import { recordingLogger } from './logger.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/**
 * Hands out databases to the test processes of one run. A test process connects to the socket, sends `migrated` or `empty` and a line feed, and gets a line of JSON with the
 * connection string of a database of its own, or an error; when it closes the connection, or dies, the database is dropped.
 * PostgreSQL starts with the first request: a run that needs none pays nothing.
 */
export class DatabaseBroker {
  readonly #server = createServer((socket) => void this.#serve(socket));
  readonly #template = `terrarium_template_${process.pid}_${randomBytes(3).toString('hex')}`;
  #home: TemporaryFolder | null = null;
  #embedded: Embedded | null = null;
  #pool: Promise<Pool> | null = null;
  readonly #open = new Set<Promise<void>>();

  /** Listens; gives the path of the socket. */
  async listen(): Promise<string> {
    this.#home = await temporaryFolder();
    const path = join(this.#home.path, 'broker');
    this.#server.listen(path);
    await once(this.#server, 'listening');
    return path;
  }

  /** Drops what is left and stops PostgreSQL. */
  async close(): Promise<void> {
    this.#server.close();
    await Promise.all(this.#open);
    try {
      const pool = await this.#pool;
      await pool?.query(`drop database if exists ${escapeIdentifier(this.#template)} with (force)`);
      await pool?.end();
    } finally {
      await this.#embedded?.stop();
      await this.#home?.remove();
    }
  }

  async #serve(socket: Socket): Promise<void> {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    // A test process that was killed: 'close' follows, which is all that counts.
    socket.on('error', () => undefined);
    const [kind] = await once(socket, 'data');
    const session = this.#session(socket, closed, String(kind).trim() === 'empty' ? 'template0' : this.#template);
    this.#open.add(session);
    // The test that asked fails with the reason.
    await session.catch((error: unknown) => socket.end(`${JSON.stringify({ error: messageOf(error) })}\n`));
    this.#open.delete(session);
  }

  async #session(socket: Socket, closed: Promise<void>, template: string): Promise<void> {
    const pool = await (this.#pool ??= this.#prepare());
    const name = `terrarium_test_${randomBytes(6).toString('hex')}`;
    await pool.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`);
    socket.write(`${JSON.stringify({ url: this.#urlOf(name) })}\n`);
    await closed;
    await pool.query(`drop database ${escapeIdentifier(name)} with (force)`);
  }

  async #prepare(): Promise<Pool> {
    // One connection: databases are made one after the other, for a template may not be copied while it is in use.
    const pool = new Pool({ connectionString: await this.#admin(), max: 1 });
    // At the end PostgreSQL may stop before it has read the pool's goodbye, and says so.
    pool.on('error', () => undefined);
    await pool.query(`create database ${escapeIdentifier(this.#template)} template template0`);
    const client = new Client({ connectionString: this.#urlOf(this.#template) });
    await client.connect();
    try {
      await migrate(client, migrations, recordingLogger());
      return pool;
    } catch (error) {
      await pool.end();
      throw error;
    } finally {
      await client.end();
    }
  }

  async #admin(): Promise<string> {
    const given = process.env['TEST_DATABASE_URL'];
    if (given !== undefined) return given;
    const folder = join(this.#home?.path ?? '', 'postgres');
    this.#embedded = await startEmbedded({ folder, logger: recordingLogger(), settings: { fsync: 'off', max_connections: '200' } });
    return this.#embedded.url;
  }

  #urlOf(name: string): string {
    const url = new URL(process.env['TEST_DATABASE_URL'] ?? this.#embedded?.url ?? '');
    url.pathname = `/${name}`;
    return url.href;
  }
}
