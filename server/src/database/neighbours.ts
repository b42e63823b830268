import { z } from 'zod';
import type { DomainEvents } from '../common/domain-events.ts';
import type { Database } from './database.ts';
import { type Listener, listen } from './listen.ts';

const CHANNEL = 'terrarium';

const Word = z.object({ from: z.string(), cancel: z.array(z.number()).readonly().default([]), revoked: z.string().nullable().default(null) });

/**
 * Tells the other servers on this database what one of them did on a client's behalf, so that the one that schedules acts at once. Only a hint: whoever
 * misses it sees the tables at its next look.
 */
export class Neighbours {
  private listener: Listener | null = null;

  /** `self`: what this process is known by. */
  constructor(
    private readonly database: Database,
    private readonly events: DomainEvents,
    private readonly self: string,
  ) {}

  async start(): Promise<void> {
    this.listener = await listen(this.database, CHANNEL, (payload) => this.hear(payload), { onReconnect: () => void this.events.emit('wake') });
  }

  async stop(): Promise<void> {
    await this.listener?.close();
  }

  /** Something may be there to be scheduled, and these attempts are to be cancelled. */
  async tell(cancel: readonly number[]): Promise<void> {
    await this.say({ cancel });
  }

  /** This right was taken away. */
  async tellRevoked(right: string): Promise<void> {
    await this.say({ revoked: right });
  }

  private async say(word: Partial<z.input<typeof Word>>): Promise<void> {
    await this.database.pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ ...word, from: this.self })]);
  }

  private hear(payload: string): void {
    const word = Word.safeParse(safeJson(payload));
    if (!word.success || word.data.from === this.self) return;
    const { cancel, revoked } = word.data;
    if (revoked !== null) this.events.emit('revoked', revoked);
    if (cancel.length > 0) this.events.emit('cancel', cancel);
    this.events.emit('wake');
  }
}

/** Anybody with the database's password can notify; what is no JSON is nothing. */
function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
