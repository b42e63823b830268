import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Database } from './database.ts';
import { messageOf } from './errors.ts';

/** Held by the one server that schedules. Any number nobody else uses. */
const LOCK = 7_465_729;
const ASK_MS = 1000;
const TOLD_EVERY = 15;

/**
 * The right to schedule, of which there is one for a database: an advisory lock that lives exactly as long as its connection. When its holder dies, however
 * it dies, PostgreSQL ends the connection and another server gets the lock at once; nobody waits for a lease to run out.
 */
export class Leadership {
  private client: Client | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly database: Pick<Database, 'url' | 'logger'>) {}

  /** Resolves once this process has the right; says each few seconds that it waits. `lost` is called once if the connection breaks later. */
  async acquire(lost: () => void): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      this.closing.signal.throwIfAborted();
      if (await this.ask(lost)) return;
      if (tries % TOLD_EVERY === 0)
        this.database.logger.info('another server works with this database; this one stands by and takes over when that one ends');
      await delay(ASK_MS, undefined, { signal: this.closing.signal });
    }
  }

  async release(): Promise<void> {
    this.closing.abort(new Error('the server stops'));
    const client = this.client;
    this.client = null;
    await client?.end();
  }

  private async ask(lost: () => void): Promise<boolean> {
    const client = new Client({ connectionString: this.database.url, keepAlive: true, application_name: `terrarium ${process.pid} leads` });
    client.on('error', (error) => this.database.logger.warn(`the connection that holds the right to schedule broke: ${messageOf(error)}`));
    try {
      await client.connect();
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [LOCK]);
      if (rows[0]?.got === true) {
        this.client = client;
        client.once('end', () => this.onEnd(client, lost));
        return true;
      }
    } catch (error) {
      this.database.logger.warn(`cannot ask for the right to schedule: ${messageOf(error)}`);
    }
    await client.end().catch((error: unknown) => this.database.logger.debug(`closing failed: ${messageOf(error)}`));
    return false;
  }

  private onEnd(client: Client, lost: () => void): void {
    if (this.client !== client) return;
    this.client = null;
    lost();
  }
}
