import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { PluginError, type RepositoryCredentials } from '#plugins/api';
import { lookupOf, permittedAddresses } from '#plugins/kit/public-address';

type Password = Extract<RepositoryCredentials, { kind: 'password' }>;

const REDIRECTS = 5;

/**
 * Asks for a URL that somebody entered. Redirects lead on, but into the server's own network only to the host that was entered; credentials go to that origin alone. The bytes are as they
 * were sent: what is checked is what is kept. The answer must be read or destroyed.
 */
export async function get(entered: URL, credentials: Password | null, signal: AbortSignal): Promise<IncomingMessage> {
  let url = entered;
  for (let count = 0; count <= REDIRECTS; count += 1) {
    const lookup = url.hostname === entered.hostname ? undefined : lookupOf(await permittedAddresses(url.hostname, false));
    const answer = await once(url, url.origin === entered.origin ? credentials : null, lookup, signal);
    const next = redirectOf(answer, url);
    if (next === null) return answer;
    answer.destroy();
    if (next.protocol !== 'https:' && (next.protocol !== 'http:' || url.protocol === 'https:'))
      throw new PluginError('rejected', `${url.host} leads to a URL that is not one of https.`);
    url = next;
  }
  throw new PluginError('rejected', `${entered.host} leads from one place to the next without an end.`);
}

function once(url: URL, credentials: Password | null, lookup: LookupFunction | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const secret = credentials === null ? null : Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  const headers = {
    'user-agent': 'Terrarium',
    accept: '*/*',
    'accept-encoding': 'identity',
    ...(secret === null ? {} : { authorization: `Basic ${secret}` }),
  };
  const options = { headers, agent: false, signal, ...(lookup === undefined ? {} : { lookup }) } as const;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    request.once('error', reject);
    request.end();
  });
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return null;
  return URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : null;
}
