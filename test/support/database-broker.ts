import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { Client, Pool, escapeIdentifier } from 'pg';
import { startEmbedded, type Embedded } from '../../server/src/database/embedded/index.ts';
import { migrate } from '../../server/src/database/migrate.ts';
import { migrations } from '../../server/src/database/migrations/index.ts';
import { recordingLogger } from './logger.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/**
 * Hands out databases to the test processes of one run. A test process connects to the socket, sends `migrated` or `empty` and a line feed, and gets a line with the
 * connection string of a database of its own; when it closes the connection, or dies, the database is dropped.
 * PostgreSQL starts with the first request: a run that needs none pays nothing.
 */
export class DatabaseBroker {
  readonly #server = createServer((socket) => void this.#serve(socket));
  readonly #template = `terrarium_template_${process.pid}_${randomBytes(3).toString('hex')}`;
  #home: TemporaryFolder | null = null;
  #embedded: Embedded | null = null;
  #pool: Promise<Pool> | null = null;
  #work: Promise<unknown> = Promise.resolve();
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
    const pool = await this.#pool;
    await pool?.query(`drop database if exists ${escapeIdentifier(this.#template)} with (force)`);
    await pool?.end();
    await this.#embedded?.stop();
    await this.#home?.remove();
  }

  async #serve(socket: Socket): Promise<void> {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    // A test process that was killed: 'close' follows, which is all that counts.
    socket.on('error', () => undefined);
    const [kind] = await once(socket, 'data');
    const session = this.#session(socket, closed, String(kind).trim() === 'empty' ? 'template0' : this.#template);
    this.#open.add(session);
    await session.finally(() => this.#open.delete(session));
  }

  async #session(socket: Socket, closed: Promise<void>, template: string): Promise<void> {
    const pool = await (this.#pool ??= this.#prepare());
    const name = `terrarium_test_${randomBytes(6).toString('hex')}`;
    // One at a time: PostgreSQL refuses to copy a template that another copy is being made from at that moment only sometimes.
    this.#work = this.#work.then(() => pool.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`));
    await this.#work;
    socket.write(`${this.#urlOf(name)}\n`);
    await closed;
    await pool.query(`drop database ${escapeIdentifier(name)} with (force)`);
  }

  async #prepare(): Promise<Pool> {
    const pool = new Pool({ connectionString: await this.#admin(), max: 4 });
    await pool.query(`create database ${escapeIdentifier(this.#template)} template template0`);
    const client = new Client({ connectionString: this.#urlOf(this.#template) });
    await client.connect();
    await migrate(client, migrations, recordingLogger());
    await client.end();
    return pool;
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
