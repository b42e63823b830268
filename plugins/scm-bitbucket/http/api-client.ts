import type { ZodType } from 'zod';
import { PluginError, type Repository } from '#plugins/api';
import { scrub } from '#plugins/kit/scrub';
import type { ApiCredentials, Authorization } from './api-credentials.ts';
import { explainAnswer } from './api-errors.ts';
import { QuietTimes } from './quiet-times.ts';

/** One request. */
export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ApiClientOptions {
  /** The API's URL, without a slash at the end. Credentials go there and nowhere else. */
  readonly base: string;
  readonly credentials: ApiCredentials;
  readonly timeoutMs: number;
}

const LARGEST_ANSWER = 16 * 1024 * 1024;

/** Talks JSON with Bitbucket's API. Errors are `PluginError`s without secrets; an aborted signal's reason is thrown as it is. */
export class ApiClient {
  private readonly options: ApiClientOptions;
  private readonly quiet = new QuietTimes();

  constructor(options: ApiClientOptions) {
    this.options = options;
  }

  /** The answer. `repository`: whose credentials to use where the instance has none. Throws `unavailable` for an answer of another shape. */
  async json<T>(call: ApiCall, schema: ZodType<T>, repository: Repository | null, signal: AbortSignal): Promise<T> {
    return this.read(this.urlOf(call), call, schema, repository, signal);
  }

  /** The next page, by the URL that an answer names. Throws `rejected` for one of anywhere else. */
  async follow<T>(next: string, schema: ZodType<T>, repository: Repository | null, signal: AbortSignal): Promise<T> {
    const base = new URL(this.options.base);
    const url = URL.canParse(next) ? new URL(next) : null;
    if (url === null || url.origin !== base.origin || !url.pathname.startsWith(`${base.pathname.replace(/\/$/, '')}/`))
      throw new PluginError('rejected', `Bitbucket's next page is not below ${this.options.base}: check apiUrl.`);
    return this.read(url, {}, schema, repository, signal);
  }

  /** Sends a request whose answer does not matter, if only it is a success. */
  async send(call: ApiCall, repository: Repository | null, signal: AbortSignal): Promise<void> {
    await this.exchange(this.urlOf(call), call, repository, signal);
  }

  private async read<T>(url: URL, call: Omit<ApiCall, 'path'>, schema: ZodType<T>, repository: Repository | null, signal: AbortSignal): Promise<T> {
    const text = await this.exchange(url, call, repository, signal);
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new PluginError('unavailable', `${titleOf(url, call)} has another answer than Bitbucket's: check apiUrl. ${where.slice(0, 200)}`);
  }

  private async exchange(url: URL, call: Omit<ApiCall, 'path'>, repository: Repository | null, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const authorization = await this.options.credentials.for(repository);
    this.quiet.assertOver(authorization.header);
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    try {
      const response = await fetch(url, requestOf(call, authorization, AbortSignal.any([signal, timeout])));
      const text = await textOf(response);
      if (response.ok) return text;
      if (response.status === 429) throw this.quiet.begin(authorization.header, response.headers.get('retry-after'));
      throw explainAnswer(titleOf(url, call), response.status, text, authorization.secrets);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PluginError) throw error;
      const seconds = this.options.timeoutMs / 1000;
      const why = timeout.aborted
        ? `has not answered within ${seconds} seconds`
        : `cannot be reached (${scrub(causeOf(error), authorization.secrets)})`;
      throw new PluginError('unavailable', `${titleOf(url, call)}: Bitbucket ${why}. Check apiUrl and the network, or try again later.`, {
        cause: error,
      });
    }
  }

  private urlOf({ path, query }: ApiCall): URL {
    const url = new URL(`${this.options.base}/${path.map(segment).join('/')}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url;
  }
}

function requestOf({ method = 'GET', body }: Omit<ApiCall, 'path'>, { header }: Authorization, signal: AbortSignal): RequestInit {
  const headers = {
    accept: 'application/json',
    'user-agent': 'terrarium',
    ...(header === null ? {} : { authorization: header }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    // Data Center refuses what a browser could have been made to send.
    'x-atlassian-token': 'no-check',
  };
  return { method, headers, signal, redirect: 'manual', ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

/** A part of a path that cannot climb out of it. */
function segment(text: string): string {
  if (text === '' || /^\.+$/.test(text) || /[\uD800-\uDFFF]/u.test(text))
    throw new PluginError('invalid', 'A name is empty, made of dots or no proper text: Bitbucket has none such.');
  return encodeURIComponent(text);
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LARGEST_ANSWER) throw new PluginError('unavailable', 'Bitbucket answered with more than 16 MB: that is no answer of its API.');
  }
  return text + decoder.decode();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function titleOf(url: URL, { method = 'GET' }: Omit<ApiCall, 'path'>): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** fetch hides what happened in the cause of its error, which has no message where several addresses were tried. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
