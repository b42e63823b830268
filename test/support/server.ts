import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../server/src/config/index.ts';
import type { DatabaseUrl } from './database.ts';
import { endLeftovers } from './leftovers.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** Options of `startServer`. */
export interface ServerOptions {
  /** Text of terrarium.config.yml; empty unless given. */
  config?: string;
  /** More environment. */
  environment?: Record<string, string>;
  /** `own`: the embedded PostgreSQL in its data folder, as users have it. `shared` (the default): a fresh database of the run's server, which is quicker. */
  database?: 'own' | 'shared';
}

/** A real server, built and started as a user would, on the loopback. */
export interface TestServer {
  /** `http://127.0.0.1:PORT`, the same after a restart. */
  readonly url: string;
  /** The admin's token, for `Authorization: Bearer`. */
  readonly token: string;
  /** Its data folder, and its working folder. */
  readonly folder: string;
  /** The process that runs now or ran last. */
  process(): ChildProcess;
  /** All it has printed, standard output and error. */
  output(): Promise<string>;
  /** Sends a signal and resolves with how it ended: an exit code, or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string>;
  /** Stops it in order if it runs, starts it again with the same folder, database and port, and waits until it is healthy. */
  restart(): Promise<void>;
  /** Stops it in order and removes everything. Throws if it did not end with 0, or left a process behind (which is then ended). */
  stop(): Promise<void>;
}

const START = join(packageRoot(), 'server/launch/start.mjs');
const POLL_MS = 25;

/** Starts a server and waits until it is healthy. Builds it first if the sources are newer. Throws with its output if it ends before. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const home = await temporaryFolder();
  const database = options.database === 'own' ? null : await sharedDatabase();
  const server = new StartedServer(home, database, await freePort(), options);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.abandon();
    throw error;
  }
}

/** Imported only when wanted: it needs vitest around it, and the benchmarks start servers without. */
async function sharedDatabase(): Promise<DatabaseUrl> {
  const { testDatabaseUrl } = await import('./database.ts');
  return testDatabaseUrl('migrated');
}

class StartedServer implements TestServer {
  readonly url: string;
  readonly token = randomBytes(16).toString('hex');
  readonly folder: string;
  readonly #home: TemporaryFolder;
  readonly #database: DatabaseUrl | null;
  readonly #options: ServerOptions;
  readonly #port: number;
  #process: ChildProcess | null = null;

  constructor(home: TemporaryFolder, database: DatabaseUrl | null, port: number, options: ServerOptions) {
    this.#home = home;
    this.#database = database;
    this.#port = port;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
    this.folder = join(home.path, 'data');
  }

  process(): ChildProcess {
    if (this.#process === null) throw new Error('the server was never started');
    return this.#process;
  }

  output(): Promise<string> {
    return readFile(join(this.#home.path, 'output'), 'utf8');
  }

  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o711 });
    const output = await open(join(this.#home.path, 'output'), 'a');
    try {
      const env = await this.#environment();
      // A file, not a pipe: what it prints is there even after SIGKILL, and nobody has to read it for it to go on.
      this.#process = spawn(process.execPath, [START], { cwd: this.folder, env, stdio: ['ignore', output.fd, output.fd] });
    } finally {
      await output.close();
    }
    while (!(await this.#isHealthy())) {
      if (!this.#isRunning()) throw new Error(`the server ended before it was ready:\n${await this.output()}`);
      await pause(POLL_MS);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.process();
    if (this.#isRunning()) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return child.exitCode ?? child.signalCode ?? 'unknown';
  }

  async restart(): Promise<void> {
    if (this.#isRunning()) await this.#stopInOrder();
    await this.start();
  }

  async stop(): Promise<void> {
    try {
      if (this.#isRunning()) await this.#stopInOrder();
    } finally {
      await this.abandon();
    }
  }

  /** Ends whatever there is and removes everything; throws if there was a process left that stopping should have ended. */
  async abandon(): Promise<void> {
    if (this.#isRunning()) await this.kill('SIGKILL');
    const left = await endLeftovers(this.#home.path);
    await this.#database?.drop();
    await this.#home.remove();
    if (left.length > 0) throw new Error(`the server left processes behind:\n${left.join('\n')}`);
  }

  #isRunning(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async #stopInOrder(): Promise<void> {
    const end = await this.kill('SIGTERM');
    if (end !== 0) throw new Error(`the server ended with ${end} when it was told to stop:\n${await this.output()}`);
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/api/health`)).ok;
    } catch {
      // Nobody listens yet; if nobody ever will, the process ends, which the caller sees.
      return false;
    }
  }

  async #environment(): Promise<NodeJS.ProcessEnv> {
    const config = join(this.#home.path, 'terrarium.config.yml');
    await writeFile(config, this.#options.config ?? '');
    return {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: this.#database?.url ?? '',
      HOST: '127.0.0.1',
      PORT: String(this.#port),
      TERRARIUM_DATA: this.folder,
      TERRARIUM_ADMIN_TOKEN: this.token,
      TERRARIUM_CONFIG: config,
      ...this.#options.environment,
    };
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a listening socket has no port');
  return address.port;
}
