import { setTimeout as pause } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import type { Database } from './database.ts';
import { messageOf } from './errors.ts';

/** What `listen` gives. */
export interface Listener {
  /** Ends the listening; the handler is not called after. */
  close(): Promise<void>;
}

/** Options of `listen`. */
export interface ListenOptions {
  /** Called each time the connection is back after a loss: what was notified meanwhile was missed, so look at the tables. */
  onReconnect?: () => void;
}

const LONGEST_PAUSE_MS = 5000;

/**
 * Listens to a channel (any name) on a connection of its own, and connects again for as long as it takes if that breaks. Resolves when it listens, throws if
 * the first connection fails. The handler gets the payload, '' if there is none, and must not throw.
 */
export async function listen(
  database: Pick<Database, 'url' | 'logger'>,
  channel: string,
  handler: (payload: string) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const listener = new ChannelListener(database, channel, handler, options);
  await listener.connect();
  return listener;
}

class ChannelListener implements Listener {
  readonly #database: Pick<Database, 'url' | 'logger'>;
  readonly #channel: string;
  readonly #handler: (payload: string) => void;
  readonly #options: ListenOptions;
  readonly #closing = new AbortController();
  #client: Client | null = null;
  #reconnecting: Promise<void> = Promise.resolve();

  constructor(database: Pick<Database, 'url' | 'logger'>, channel: string, handler: (payload: string) => void, options: ListenOptions) {
    this.#database = database;
    this.#channel = channel;
    this.#handler = handler;
    this.#options = options;
  }

  async connect(): Promise<void> {
    const client = new Client({ connectionString: this.#database.url, keepAlive: true, application_name: `terrarium ${process.pid} listens` });
    client.on('error', (error) => this.#database.logger.warn(`the connection that listens to ${this.#channel} broke: ${messageOf(error)}`));
    client.on('notification', ({ payload }) => {
      if (!this.#closing.signal.aborted) this.#handler(payload ?? '');
    });
    try {
      await client.connect();
      await client.query(`listen ${escapeIdentifier(this.#channel)}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.#client = client;
    client.once('end', () => {
      if (!this.#closing.signal.aborted) this.#reconnecting = this.#reconnect();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reconnecting;
    await this.#client?.end();
  }

  async #reconnect(): Promise<void> {
    for (let wait = 50; !this.#closing.signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.connect();
        if (!this.#closing.signal.aborted) this.#options.onReconnect?.();
        return;
      } catch (error) {
        this.#database.logger.warn(`cannot listen to ${this.#channel}: ${messageOf(error)}; trying again`);
      }
      await this.#pause(wait);
    }
  }

  async #pause(time: number): Promise<void> {
    const { signal } = this.#closing;
    await pause(time, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
