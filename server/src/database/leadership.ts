import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Database } from './database.ts';
import { messageOf } from './errors.ts';

/** Held by the one server that schedules. Any number nobody else uses. */
const LOCK = 7_465_729;
const ASK_MS = 1000;
const TOLD_EVERY = 15;

/** How often the connection is asked whether it lives, and how long it may take to say so. Milliseconds. */
const PULSE = { everyMs: 2000, patienceMs: 5000 };

/**
 * PostgreSQL's side of the same: it ends a session whose server is gone without a word, and so frees the lock. In seconds, the last in milliseconds. Not
 * every system has all of them.
 */
const KEEPALIVES = ['tcp_keepalives_idle = 5', 'tcp_keepalives_interval = 2', 'tcp_keepalives_count = 3', 'tcp_user_timeout = 10000'];

/** What a leader is told. */
export interface LeadershipHooks {
  /** Another server has the right now. Called at each vain try. */
  readonly standBy: () => void;
  /** The right that was had is lost: the connection broke, or did not answer in time. Called once for each `acquire`. */
  readonly lost: () => void;
}

interface Held {
  readonly client: Client;
  readonly socket: Socket;
  readonly pulse: Promise<void>;
}

/**
 * The right to schedule, of which there is one for a database: an advisory lock that lives exactly as long as its connection. When its holder dies, however
 * it dies, PostgreSQL ends the connection and another server gets the lock at once; nobody waits for a lease to run out.
 */
export class Leadership {
  private held: Held | null = null;
  private readonly closing = new AbortController();

  constructor(
    private readonly database: Pick<Database, 'url' | 'logger'>,
    private readonly pulse = PULSE,
  ) {}

  /** Whether this process has the right now, as far as it knows. */
  get isHeld(): boolean {
    return this.held !== null;
  }

  /** Resolves once this process has the right; says each few seconds that it waits. Throws when it is told to stop waiting. */
  async acquire(hooks: LeadershipHooks): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      this.closing.signal.throwIfAborted();
      const answer = await this.ask(hooks.lost);
      if (answer === 'ours') return;
      if (answer === "another's") {
        if (tries % TOLD_EVERY === 0)
          this.database.logger.info('another server works with this database; this one stands by and takes over when that one ends');
        hooks.standBy();
      }
      await delay(ASK_MS, undefined, { signal: this.closing.signal });
    }
  }

  /** Ends the waiting for the right; one that is held stays. */
  stopWaiting(): void {
    this.closing.abort(new Error('the server stops'));
  }

  /** Gives the right away, and asks no more. `lost` is not called for that. */
  async release(): Promise<void> {
    this.stopWaiting();
    await this.drop();
  }

  /** Gives the right away, perhaps to ask for it again. `lost` is not called for that. */
  async drop(): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held === null) return;
    await this.hangUp(held.client, held.socket);
    await held.pulse;
  }

  private async ask(lost: () => void): Promise<'ours' | "another's" | 'unknown'> {
    // A socket of our own, because a connection whose link is dead has to be torn down from here: it cannot be closed in order.
    const socket = new Socket();
    const client = this.client(socket);
    try {
      await client.connect();
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [LOCK]);
      if (rows[0]?.got === true) {
        await this.hold(client, socket, lost);
        return 'ours';
      }
      await this.hangUp(client, socket);
      return "another's";
    } catch (error) {
      this.database.logger.warn(`cannot ask for the right to schedule: ${messageOf(error)}`);
      socket.destroy();
      return 'unknown';
    }
  }

  private client(socket: Socket): Client {
    const { patienceMs } = this.pulse;
    const client = new Client({
      connectionString: this.database.url,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
      application_name: `terrarium ${process.pid} leads`,
    });
    client.on('error', (error) => this.database.logger.warn(`the connection for the right to schedule broke: ${messageOf(error)}`));
    return client;
  }

  private async hold(client: Client, socket: Socket, lost: () => void): Promise<void> {
    const ended = new AbortController();
    client.once('end', () => ended.abort(new Error('the connection ended')));
    for (const setting of KEEPALIVES) {
      await client.query(`set ${setting}`).catch((error: unknown) => this.database.logger.debug(`cannot set ${setting}: ${messageOf(error)}`));
    }
    ended.signal.throwIfAborted();
    this.held = { client, socket, pulse: this.feel(client, socket, ended.signal) };
    ended.signal.addEventListener('abort', () => this.onEnd(client, lost), { once: true });
  }

  /** A link can die without a word: then only a question without an answer tells. */
  private async feel(client: Client, socket: Socket, ended: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await delay(this.pulse.everyMs, undefined, { signal: ended });
        await client.query('select 1');
      }
    } catch (error) {
      if (ended.aborted) return;
      this.database.logger.warn(`the connection for the right to schedule does not answer: ${messageOf(error)}`);
      socket.destroy();
    }
  }

  /** In order if the other side still answers, else by force. */
  private async hangUp(client: Client, socket: Socket): Promise<void> {
    const timer = setTimeout(() => socket.destroy(), this.pulse.patienceMs);
    await client.end();
    clearTimeout(timer);
  }

  private onEnd(client: Client, lost: () => void): void {
    if (this.held?.client !== client) return;
    this.held = null;
    lost();
  }
}
