import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from '#plugins/api';
import type { CacheView } from '#server/api';
import type { CacheConfig } from '../config/index.ts';
import { isSystemError } from '../common/errors.ts';
import { CacheCounts } from './counts.ts';
import { Fetcher } from './fetcher.ts';
import { CacheRequests } from './requests.ts';
import { CacheStore } from './store.ts';

const GIGABYTE = 1_000_000_000;
const WRITE_MS = 60_000;
const PORT_FILE = 'port';

/** A cache that listens. */
interface Running {
  readonly server: Server;
  readonly port: number;
  readonly store: CacheStore;
  readonly counts: CacheCounts;
  readonly fetcher: Fetcher;
  readonly writing: NodeJS.Timeout;
}

/**
 * Packages for machines: fetched from their origins once, then served from a folder. It works only in the server that schedules, for the folder is one process's at a
 * time; `start` and `stop` may be called again and again.
 */
export class PackageCache {
  /** What was asked of it, one after the other; never rejects. */
  private course: Promise<void> = Promise.resolve();
  private running: Running | null = null;
  private problem: string | null = null;

  constructor(
    /** Null: there is none. */
    private readonly config: CacheConfig | null,
    /** Whether any machine can reach it, given its `url`: else there is nothing to listen for. */
    private readonly isWanted: (url: string | null) => boolean,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const { config } = this;
    if (config !== null && this.isWanted(config.url)) this.course = this.course.then(() => this.begin(config));
  }

  stop(): Promise<void> {
    this.course = this.course.then(() => this.end());
    return this.course;
  }

  /** By which machines elsewhere reach it; null: they do not. */
  get url(): string | null {
    return this.config?.url ?? null;
  }

  /** The port on this computer, once it is known; null where it does not listen. */
  async port(): Promise<number | null> {
    await this.course;
    return this.running?.port ?? null;
  }

  view(): CacheView {
    const { config, running } = this;
    const idle = { since: null, bytes: 0, maxBytes: config === null ? 0 : config.maxGigabytes * GIGABYTE, origins: [] };
    if (config === null || !this.isWanted(config.url)) return { ...idle, state: 'off', problem: null };
    if (running === null) return { ...idle, state: 'down', problem: this.problem ?? 'The server that schedules has it; this one stands by.' };
    const { store, counts } = running;
    const sums = store.sums();
    const origins = config.origins.map(({ name, kind, url }) => {
      const { hits, misses, served, fetched } = counts.of(name);
      const { files, bytes } = sums.get(name) ?? { files: 0, bytes: 0 };
      const savedBytes = Math.max(0, served - fetched);
      return { name, kind, url, files, bytes, hits, misses, servedBytes: served, fetchedBytes: fetched, savedBytes, problem: counts.problemOf(name) };
    });
    return { ...idle, state: 'up', problem: null, since: new Date(counts.since).toISOString(), bytes: store.bytes, origins };
  }

  /** A cache that cannot be had is a trouble to be told, no reason not to run jobs. */
  private async begin(config: CacheConfig): Promise<void> {
    if (this.running !== null) return;
    try {
      this.running = await this.listen(config);
      this.problem = null;
      this.logger.info('packages are kept for machines', { port: this.running.port, folder: config.folder });
    } catch (error) {
      this.problem = `It cannot begin: ${error instanceof Error ? error.message : String(error)}`;
      this.logger.error('there is no package cache', { error });
    }
  }

  private async end(): Promise<void> {
    const { running } = this;
    this.running = null;
    if (running === null) return;
    try {
      await this.close(running);
    } catch (error) {
      this.logger.error('the package cache could not be closed in order', { error });
    }
  }

  private async listen(config: CacheConfig): Promise<Running> {
    const { folder, maxGigabytes, freshSeconds, origins } = config;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = await CacheStore.open(folder, maxGigabytes * GIGABYTE);
    const counts = await CacheCounts.open(join(folder, 'counts.json'));
    const fetcher = new Fetcher({ store, counts, logger: this.logger, freshMs: freshSeconds * 1000 });
    const requests = new CacheRequests({ origins, fetcher, counts, logger: this.logger });
    const server = createServer((request, response) => void requests.answer(request, response));
    const port = await bind(server, config);
    await writeFile(join(folder, PORT_FILE), String(port), { mode: 0o600 });
    const write = (): void =>
      void counts.write().catch((error: unknown) => this.logger.warn('counts of the package cache are not written', { error }));
    return { server, port, store, counts, fetcher, writing: setInterval(write, WRITE_MS).unref() };
  }

  private async close({ server, store, counts, fetcher, writing }: Running): Promise<void> {
    clearInterval(writing);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    fetcher.close();
    await fetcher.idle();
    await counts.write();
    await store.close();
  }
}

/** On the port that is configured; else on that of the last time, for machines that live on know it; else on any. */
async function bind(server: Server, { folder, host, port }: CacheConfig): Promise<number> {
  const last = port ?? (await lastPort(folder));
  try {
    return await listenOn(server, host, last);
  } catch (error) {
    if (port !== null || last === 0 || !isSystemError(error, 'EADDRINUSE')) throw error;
    return await listenOn(server, host, 0);
  }
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
}

async function lastPort(folder: string): Promise<number> {
  try {
    const text = await readFile(join(folder, PORT_FILE), 'utf8');
    return /^\d{1,5}$/.test(text) ? Number(text) : 0;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}
