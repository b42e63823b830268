import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Logger } from '#plugins/api';
import { DatabaseError, codeOf, messageOf } from '../errors.ts';
import { chooseAccount, type Account } from './account.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { NAME, ensureCluster, ensureSockets, placesIn, type Places } from './cluster.ts';
import { openGuard } from './guard.ts';
import { findPostmaster, launch, removeDeadLocks, stopPostmaster, untilReady, type Postmaster } from './postmaster.ts';
import { postgresArguments, type Settings } from './settings.ts';
import { endOf, explain, isTaken, isTransient, readFrom } from './trouble.ts';

/** Options of `startEmbedded`. */
export interface EmbeddedOptions {
  /** The folder everything of the server is in; made if missing. */
  folder: string;
  logger: Logger;
  /** PostgreSQL settings that win over ours. */
  settings?: Settings;
}

/** A running PostgreSQL that belongs to this process. */
export interface Embedded {
  /** A connection string for our database, password included. */
  url: string;
  /** Its postmaster's process id, for tests and messages; it changes when PostgreSQL had to be started again. */
  pid(): number;
  /** Stops it in order and releases the folder. */
  stop(): Promise<void>;
}

/** Bytes that fit everywhere into the address of a Unix socket. */
const SOCKET_LIMIT = 100;
const STOP_PATIENCE_MS = 20_000;

/**
 * Starts PostgreSQL in a folder, or adopts the one that a killed predecessor left running there. While it is ours, it is started again should it
 * ever end by itself. Throws `DatabaseError`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const server = new EmbeddedServer(options);
  try {
    await server.start();
  } catch (error) {
    if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') throw explain(`No space left on device: ${messageOf(error)}`, options.folder);
    throw error;
  }
  return server;
}

class EmbeddedServer implements Embedded {
  url = '';
  readonly #places: Places;
  readonly #sockets: string;
  readonly #logger: Logger;
  readonly #settings: Settings;
  #account: Account = { become: null, capability: null };
  #guard: Client | null = null;
  #pid = 0;
  #isLaunched = false;
  #isStopping = false;
  #recovery: Promise<void> = Promise.resolve();

  constructor(options: EmbeddedOptions) {
    this.#places = placesIn(resolve(options.folder));
    this.#sockets = socketsOf(this.#places.folder);
    this.#logger = options.logger;
    this.#settings = options.settings ?? {};
  }

  pid(): number {
    return this.#pid;
  }

  async start(): Promise<void> {
    // PostgreSQL may run as another user, who has to pass through the folder; what is in it is closed to others.
    await mkdir(this.#places.folder, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
    const binaries = await findBinaries();
    this.#account = await chooseAccount(this.#places.data, binaries.postgres);
    const password = await ensureCluster(this.#places, this.#account, binaries, this.#logger);
    try {
      await this.#run(binaries, password);
    } catch (error) {
      const isOthers = error instanceof DatabaseError && error.code === 'in-use';
      if (this.#isLaunched && !isOthers) await stopPostmaster(this.#places.data, STOP_PATIENCE_MS);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#recovery;
    // The guard goes last: until PostgreSQL is gone, nobody else shall take it over.
    await stopPostmaster(this.#places.data, STOP_PATIENCE_MS);
    await this.#guard?.end();
    await rm(this.#sockets, { recursive: true, force: true });
  }

  /** Makes sure that a postmaster runs, and that it is ours. */
  async #run(binaries: Binaries, password: string): Promise<void> {
    const { pid, sockets } = await this.#ensurePostmaster(binaries);
    this.url = `postgresql://${NAME}:${password}@${encodeURIComponent(sockets)}/${NAME}`;
    this.#guard = await openGuard({ sockets, password });
    // Only now: without the guard it may be another server's.
    if (pid !== this.#pid) this.#logger.warn('PostgreSQL still ran from the last time; it is taken over', { pid });
    this.#pid = pid;
    this.#guard.once('end', () => {
      if (!this.#isStopping) this.#recovery = this.#recover(binaries, password);
    });
  }

  async #recover(binaries: Binaries, password: string): Promise<void> {
    this.#logger.error('PostgreSQL ended the connection that watches it; looking after it', { log: this.#places.log });
    while (!this.#isStopping) {
      try {
        await this.#run(binaries, password);
        this.#logger.warn('PostgreSQL runs again', { pid: this.#pid });
        return;
      } catch (error) {
        this.#logger.error(`PostgreSQL does not run: ${messageOf(error)}; trying again in a second`);
        await pause(1000);
      }
    }
  }

  async #ensurePostmaster(binaries: Binaries): Promise<{ pid: number; sockets: string }> {
    for (;;) {
      const found = await findPostmaster(this.#places.data);
      if (found?.ready && found.sockets !== null) return { pid: found.pid, sockets: found.sockets };
      if (found !== null) await this.#wait('PostgreSQL is starting or stopping', (now) => now === null);
      else await this.#launch(binaries);
    }
  }

  async #launch(binaries: Binaries): Promise<void> {
    const { data, log, folder } = this.#places;
    await ensureSockets(this.#sockets, this.#account);
    await removeDeadLocks(this.#sockets, data);
    const before = await endOf(log);
    let isGone = false;
    const child = await launch(this.#account, binaries.postgres, postgresArguments(data, this.#sockets, this.#settings), log);
    void child.exit.then(() => (isGone = true));
    if (await this.#wait('PostgreSQL is starting; after a crash it first repairs its files', () => isGone)) {
      this.#pid = child.pid;
      this.#isLaunched = true;
      return;
    }
    const output = await readFrom(log, before);
    if (!isTaken(output) && !isTransient(output)) throw explain(output, folder);
    await pause(100);
  }

  async #wait(message: string, isGone: (found: Postmaster | null) => boolean): Promise<boolean> {
    const timer = setInterval(() => this.#logger.info(message, { log: this.#places.log }), 3000);
    try {
      return await untilReady(this.#places.data, isGone);
    } finally {
      clearInterval(timer);
    }
  }
}

function socketsOf(folder: string): string {
  const inside = join(folder, 'run');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432.lock')) <= SOCKET_LIMIT) return inside;
  return join(tmpdir(), `terrarium-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
}
