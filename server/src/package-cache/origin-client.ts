import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CoreError } from '../common/errors.ts';
import { mayAsk, type OriginConfig } from './origin.ts';

/** How long an origin may say nothing, at the beginning and in between. Milliseconds. */
const SILENCE_MS = 60_000;
const REDIRECTS = 5;

/** What of a page is known already. */
export interface Known {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What an origin is asked for. `known`: it need only say whether that has changed. */
export interface OriginCall {
  readonly origin: OriginConfig;
  readonly url: URL;
  readonly accept: string | null;
  readonly known: Known | null;
}

/**
 * Asks an origin. Redirects are followed to its own hosts only, credentials and cookies are not known. Throws `unavailable` where there is no answer. The answer's body
 * must be read or destroyed. An abort breaks it off, the body included.
 */
export async function askOrigin(call: OriginCall, signal: AbortSignal): Promise<IncomingMessage> {
  let url = call.url;
  for (let count = 0; ; count += 1) {
    if (!mayAsk(call.origin, url))
      throw new CoreError('unavailable', `The origin ${call.origin.name} leads to ${url.host}, which is none of its hosts: name it under fileHosts.`);
    const answer = await once(call, url, signal);
    const next = redirectOf(answer, url);
    if (next === null) return answer;
    answer.destroy();
    if (count === REDIRECTS) throw new CoreError('unavailable', `The origin ${call.origin.name} leads from one place to the next without an end.`);
    url = next;
  }
}

function once({ origin, accept, known }: OriginCall, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    'user-agent': 'Terrarium',
    accept: accept ?? '*/*',
    // Bytes as they are: what is checked is what is kept.
    'accept-encoding': 'identity',
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { headers, timeout: SILENCE_MS, agent: false, signal }, resolve);
    request.once('timeout', () => request.destroy(new Error(`it has said nothing for ${SILENCE_MS / 1000} seconds`)));
    request.once('error', (cause) =>
      reject(new CoreError('unavailable', `The origin ${origin.name} cannot be reached at ${url.host} (${reasonOf(cause)}).`, { cause })),
    );
    request.end();
  });
}

function redirectOf(answer: IncomingMessage, from: URL): URL | null {
  const { statusCode = 0, headers } = answer;
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return null;
  return URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : null;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return 'no reason given';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
