import { PluginError } from '#plugins/api';
import type { Failure } from './failure.ts';

const LIMITED = /\b(?:secondary rate|rate limit exceeded|abuse detection)\b/i;
/** What GitHub asks for where it does not say how long. */
const USUAL_SECONDS = 60;

/**
 * What GitHub's rate limits allow with one set of credentials. Who is limited and goes on asking may be banned, so nothing is asked before the time has come.
 * Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export class RateLimits {
  private readonly until = new Map<string, number>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Throws `rate-limited` if a request of that route is not allowed yet. */
  assertAllowed(route: string, what: string): void {
    const until = Math.max(this.until.get(resourceOf(route)) ?? 0, this.until.get('all') ?? 0);
    if (until > this.now()) throw this.problem(until, what);
  }

  /** Learns from the headers of an answer that the last request was used up. */
  learn(headers: Readonly<Record<string, string | number | undefined>>, route: string): void {
    if (String(headers['x-ratelimit-remaining']) === '0') this.until.set(resourceOf(route), resetOf(headers['x-ratelimit-reset'], this.now()));
  }

  /** The error for an answer that says that we asked too often; null if it says something else. Remembers how long. */
  explain(failure: Failure, route: string, what: string): PluginError | null {
    const { status, response, message } = failure;
    if (response === undefined || (status !== 403 && status !== 429)) return null;
    const { headers } = response;
    if (headers['retry-after'] !== undefined) return this.hold('all', this.now() + Number(headers['retry-after']) * 1000, what);
    if (String(headers['x-ratelimit-remaining']) === '0')
      return this.hold(resourceOf(route), resetOf(headers['x-ratelimit-reset'], this.now()), what);
    return status === 429 || LIMITED.test(message) ? this.hold('all', this.now() + USUAL_SECONDS * 1000, what) : null;
  }

  private hold(resource: string, until: number, what: string): PluginError {
    const known = Number.isFinite(until) ? until : this.now() + USUAL_SECONDS * 1000;
    this.until.set(resource, known);
    return this.problem(known, what);
  }

  private problem(until: number, what: string): PluginError {
    const seconds = Math.max(1, Math.ceil((until - this.now()) / 1000));
    return new PluginError('rate-limited', `GitHub limits how often we may ask: we could ${what} again in ${inWords(seconds)}.`);
  }
}

function resourceOf(route: string): string {
  return route.startsWith('GET /search/') ? 'search' : 'core';
}

function resetOf(header: string | number | undefined, now: number): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) ? seconds * 1000 : now + USUAL_SECONDS * 1000;
}

function inWords(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}
