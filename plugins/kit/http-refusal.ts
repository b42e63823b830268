import { type ErrorCode, PluginError } from '#plugins/api';
import type { HttpAnswer } from './http-client.ts';

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'check the token or the secret, and what it may do',
  'rate-limited': 'it is asked too often and must be left alone for a while',
  unavailable: 'try again later',
  rejected: 'check the address and what is expected there',
};

/**
 * Throws unless the status of an answer means success (RFC 9110): `unauthorized` for 401 and 403, `rate-limited` for 429, `unavailable` for 408, 425 and 5xx, else
 * `rejected`, redirects too. `host` is named in the message; `says`, if there is one, is the reason that the other side gave: it must hold no secret.
 */
export function assertAccepted(answer: HttpAnswer, host: string, says: string | null = null, now = Date.now()): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const code = codeOf(status);
  const retryAfterSeconds = code === 'rate-limited' || code === 'unavailable' ? retryAfter(answer.headers['retry-after'], now) : null;
  throw new PluginError(code, sentence(status, host, says, code), { retryAfterSeconds });
}

/** The seconds that a Retry-After header asks for: it holds seconds or a date (RFC 9110, 10.2.3). Null if there is none, or nonsense. Pure. */
export function retryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'rate-limited';
  return status === 408 || status === 425 || status >= 500 ? 'unavailable' : 'rejected';
}

function sentence(status: number, host: string, says: string | null, code: ErrorCode): string {
  const words = says === null || says === '' ? '' : ` (${says})`;
  if (status >= 300 && status < 400) return `${host} answered ${status}, a redirect, which is not followed: give the address that it leads to.`;
  return `${host} answered ${status}${words}: ${ADVICE[code] ?? 'check the address'}.`;
}
