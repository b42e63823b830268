import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** What is demanded of a URL that a maintainer enters to be called. */
export interface HttpTargetRules {
  /** Whether hosts of the server's own network are fine; then so is plain http, which such hosts often speak. */
  readonly allowPrivate: boolean;
  /** Whether the URL is itself a secret, so that it must travel by https. */
  readonly isSecret: boolean;
}

const LONGEST = 2048;
const SPACE_OR_CONTROL = /[\s\u0000-\u001f\u007f\ud800-\udfff]/u;

/** What is wrong with a URL that is to be called, as a sentence that does not repeat it; null if nothing is that can be known without looking its host up. Pure. */
export function httpTargetProblem(text: string, rules: HttpTargetRules): string | null {
  if (text === '') return 'Write the URL that is to be called.';
  if (text.length > LONGEST) return 'The URL is longer than 2048 characters.';
  if (SPACE_OR_CONTROL.test(text)) return 'The URL holds spaces or control characters.';
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return 'Write a whole URL that begins with https://.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'The URL must not hold a user or password.';
  if (url.protocol === 'http:' && rules.isSecret && !rules.allowPrivate) return 'The URL must begin with https://: whoever sees it could use it.';
  if (!rules.allowPrivate && isPlainlyPrivate(url.hostname)) return "The URL leads into this server's own network, which may not be called.";
  return null;
}

function isPlainlyPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return isIP(host) === 0 ? /(?:^|\.)localhost$/i.test(host) : !isPublicAddress(host);
}
