import { CoreError } from '../common/errors.ts';
import type { Asker } from './asker.ts';
import { TokenBuckets } from './token-buckets.ts';

const MINUTE_SECONDS = 60;
/** Whoever does not say who he is has a fifth. */
const SHARE_OF_NOBODY = 5;

/** How many requests somebody may make in a minute: by token or session, else by address. Kept in memory, so each server counts for itself. */
export class RequestLimits {
  private readonly known: TokenBuckets;
  private readonly unknown: TokenBuckets;

  /** As many as in a minute may also come at once. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    const others = Math.ceil(perMinute / SHARE_OF_NOBODY);
    this.known = new TokenBuckets(perMinute, perMinute / MINUTE_SECONDS, now);
    this.unknown = new TokenBuckets(others, others / MINUTE_SECONDS, now);
  }

  /** Counts a request. `asker` null, or of no account: by `address`. Throws `rate-limited`. */
  take(asker: Asker | null, address: string): void {
    const wait = asker === null || asker.account === null ? this.unknown.take(address) : this.known.take(asker.right);
    if (wait === 0) return;
    const seconds = Math.ceil(wait);
    throw new CoreError('rate-limited', `Too many requests. The next one is answered in ${seconds} seconds.`, { retryAfterSeconds: seconds });
  }
}
