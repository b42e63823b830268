import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { CoreError } from '../../common/errors.ts';
import { withTransaction } from '../../database/index.ts';
import { admitTry } from './sql/admit-try.ts';

/** `free` failures cost nothing; from then on each doubles the wait, from a second to `longest`. */
export interface Patience {
  readonly free: number;
  readonly longestSeconds: number;
}

/**
 * Under one name the wait is short, because it also holds up the account's owner: even so nobody gets more than 1,440 guesses a day. From one address it may be long.
 */
const BY_NAME: Patience = { free: 5, longestSeconds: 60 };
const BY_ADDRESS: Patience = { free: 20, longestSeconds: 900 };

const PRUNE_MS = 3_600_000;

/**
 * Slows down whoever guesses passwords, by name and by address, for all servers of a database. Names are counted as they are given, whether there is such an account or
 * not, so that nothing can be learned from it.
 */
export class Lockout {
  private pruned = 0;

  constructor(private readonly pool: Pool) {}

  /** Admits a try and counts it as failed until `succeeded` is called, so that many at once gain nothing. Throws `rate-limited`, saying how long to wait. */
  async admit(name: string, address: string): Promise<void> {
    await this.prune();
    const wait = await withTransaction({ pool: this.pool }, async (client) => {
      const byName = await admitTry(client, nameKey(name), BY_NAME);
      const wait = Math.max(byName, byName > 0 ? 0 : await admitTry(client, addressKey(address), BY_ADDRESS));
      // What only one of the two admits is not a try.
      if (wait > 0 && byName === 0) await takeBack(client, nameKey(name));
      return wait;
    });
    if (wait === 0) return;
    const seconds = Math.ceil(wait);
    const sentence = `Signing in has failed too often under this name or from your address. The next try is possible in ${seconds} seconds.`;
    throw new CoreError('rate-limited', sentence, { retryAfterSeconds: seconds });
  }

  /** The admitted try was right: the name is as if nothing had been, the address has its try back. */
  async succeeded(name: string, address: string): Promise<void> {
    await this.pool.query('delete from sign_in_tries where key = $1', [nameKey(name)]);
    await takeBack(this.pool, addressKey(address));
  }

  /** A day without a failure forgives all. */
  private async prune(): Promise<void> {
    if (Date.now() - this.pruned < PRUNE_MS) return;
    this.pruned = Date.now();
    await this.pool.query(`delete from sign_in_tries where last_at < now() - interval '1 day'`);
  }
}

async function takeBack(client: Pool | PoolClient, key: string): Promise<void> {
  await client.query('update sign_in_tries set failures = greatest(0, failures - 1), until = now() where key = $1', [key]);
}

/** Hashed, because people sometimes type their password into the wrong field. */
function nameKey(name: string): string {
  return `name:${createHash('sha256').update(name.toLowerCase()).digest('base64url')}`;
}

function addressKey(address: string): string {
  return `address:${address}`;
}
