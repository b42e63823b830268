import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PluginError, isPluginError } from '#plugins/api';
import { type Address, lookupOf, permittedAddresses } from './public-address.ts';

export interface HttpClientOptions {
  /** How long one call may take, from looking up the name to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Whether hosts of the server's own network may be called, and this computer itself. */
  readonly allowPrivate: boolean;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The first 64 kB of it as UTF-8: what comes after is not read. */
  readonly text: string;
}

const LONGEST_ANSWER = 64 * 1024;

/**
 * Calls URLs that people entered. Each call has a connection of its own, to an address that was found permitted: the name is not looked up again. Redirects are
 * never followed, cookies and proxies not known. What it throws names the host, never the rest of the URL, which may be a secret.
 */
export class HttpClient {
  private readonly options: HttpClientOptions;
  private readonly addressesOf: typeof permittedAddresses;

  /** `addressesOf` is asked once for each call; only tests give another. */
  constructor(options: HttpClientOptions, addressesOf = permittedAddresses) {
    this.options = options;
    this.addressesOf = addressesOf;
  }

  /**
   * The answer, whatever its status. Throws the signal's reason, `invalid` for a host that may not be called, `unavailable` where none answers in time.
   */
  async call(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const url = new URL(call.url);
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    try {
      return await this.exchange(call, url, AbortSignal.any([signal, timeout]));
    } catch (cause) {
      signal.throwIfAborted();
      if (timeout.aborted) throw late(url, this.options.timeoutMs, cause);
      if (isPluginError(cause)) throw cause;
      throw new PluginError('unavailable', `${url.host} cannot be reached (${reasonOf(cause)}): try again later.`, { cause });
    }
  }

  private async exchange(call: HttpCall, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    const addresses = await unlessAborted(this.addressesOf(url.hostname, this.options.allowPrivate), signal);
    const response = await begin(call, url, addresses, signal);
    return { status: response.statusCode ?? 0, headers: response.headers, text: await beginningOf(response) };
  }
}

/** Resolves with the answer's head. Its body must be read or destroyed. */
function begin(call: HttpCall, url: URL, addresses: readonly Address[], signal: AbortSignal): Promise<IncomingMessage> {
  const body = call.body ?? null;
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method: call.method,
    headers: { 'user-agent': 'Terrarium', accept: '*/*', ...length, ...call.headers },
    agent: false,
    signal,
    lookup: lookupOf(addresses),
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    request.once('error', reject);
    request.end(body ?? undefined);
  });
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early destroys the response, and with it the connection.
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size >= LONGEST_ANSWER) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8');
}

/** A look-up cannot be ended, only not waited for. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('The call was ended.'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function late(url: URL, timeoutMs: number, cause: unknown): PluginError {
  return new PluginError('unavailable', `${url.host} did not answer within ${timeoutMs / 1000} seconds: try again later.`, { cause });
}

/** The code that Node or OpenSSL has for it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no reason given';
}
