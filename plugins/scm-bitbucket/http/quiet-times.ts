import { createHash } from 'node:crypto';
import { PluginError } from '#plugins/api';

const USUAL_MS = 60_000;
/** Bitbucket counts by the hour: what asks for more than that is asked again after an hour. */
const LONGEST_MS = 3_600_000;

/** When whom must not ask: Bitbucket limits each account for itself. */
export class QuietTimes {
  private readonly until = new Map<string, number>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Throws `rate-limited` while the host wants quiet from this account, without asking it. */
  assertOver(header: string | null): void {
    const end = this.until.get(keyOf(header)) ?? 0;
    if (end > this.now()) throw limited(end);
    this.until.delete(keyOf(header));
  }

  /** Notes what the host said with a 429: seconds, or a date. */
  begin(header: string | null, retryAfter: string | null): PluginError {
    const end = this.now() + Math.min(this.waitFor(retryAfter), LONGEST_MS);
    this.until.set(keyOf(header), end);
    return limited(end);
  }

  private waitFor(retryAfter: string | null): number {
    if (retryAfter === null) return USUAL_MS;
    const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - this.now();
    return Number.isNaN(wait) ? USUAL_MS : Math.max(wait, 0);
  }
}

function limited(end: number): PluginError {
  return new PluginError('rate-limited', `Bitbucket says that we ask too often: it is left alone until ${new Date(end).toISOString()}.`);
}

function keyOf(header: string | null): string {
  return createHash('sha256')
    .update(header ?? '')
    .digest('hex');
}
