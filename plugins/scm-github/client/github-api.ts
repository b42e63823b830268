import type { Octokit } from '@octokit/core';
import type { ZodType, output } from 'zod';
import { PluginError, isPluginError, type Logger } from '#plugins/api';
import { withDeadline, type Means, type Times } from './deadline.ts';
import { explainFailure, Failure } from './failure.ts';
import { RateLimits } from './limits.ts';

/** One request. */
export interface Call {
  /** `GET /repos/{owner}/{repo}/hooks`, as GitHub's documentation writes it. */
  readonly route: string;
  /** What it is to do, in words that follow "GitHub does not let us": `list the hooks of ada/demo`. */
  readonly what: string;
  /** Those of the path, and the others for the query or the body. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Not to be repeated in errors. */
  readonly secrets?: readonly string[];
  /** It must not happen twice, so it is not tried again where the answer was lost. */
  readonly isOnce?: boolean;
}

/** In whose name requests are made. */
export interface Identity {
  readonly kind: 'anonymous' | 'token' | 'app' | 'installation';
  /** The value of the header `authorization`; null: none. Asked for each request. */
  authorization(signal: AbortSignal): Promise<string | null>;
  /** GitHub did not take it (401). */
  refused?(): void;
}

export interface ApiParts {
  readonly octokit: Octokit;
  readonly identity: Identity;
  readonly times: Times;
  readonly logger: Logger;
}

interface Answer {
  readonly data: unknown;
  /** The next page; null where there is none. */
  readonly next: string | null;
}

/**
 * GitHub's REST API in somebody's name. What it throws is a `PluginError`: `not-found`, `unauthorized`, `rejected`, `rate-limited`, `unavailable`; or the reason of
 * the signal. Reads follow redirects (a renamed repository); what changes something does not.
 */
export class GithubApi {
  readonly kind: Identity['kind'];
  private readonly parts: ApiParts;
  private readonly limits = new RateLimits();

  constructor(parts: ApiParts) {
    this.parts = parts;
    this.kind = parts.identity.kind;
  }

  /** The body of the answer, as far as `schema` wants it. */
  async ask<Schema extends ZodType>(schema: Schema, call: Call, signal: AbortSignal): Promise<output<Schema>> {
    const { data } = await this.send(call, signal);
    return understood(schema, data, call.what);
  }

  /** As `ask`, but null where GitHub says 404. */
  async find<Schema extends ZodType>(schema: Schema, call: Call, signal: AbortSignal): Promise<output<Schema> | null> {
    try {
      return await this.ask(schema, call, signal);
    } catch (error) {
      if (isPluginError(error, 'not-found')) return null;
      throw error;
    }
  }

  /** Makes the request and heeds nothing of the answer's body. */
  async do(call: Call, signal: AbortSignal): Promise<void> {
    await this.send(call, signal);
  }

  /**
   * All pages of a list, each understood by `schema`; at most `most` items, and where there are more, the log says so. `pick`: where the items are.
   */
  async list<Page extends ZodType, Item>(
    { schema, pick, most }: { readonly schema: Page; readonly pick: (page: output<Page>) => readonly Item[]; readonly most: number },
    call: Call,
    signal: AbortSignal,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let next: Call | null = { ...call, parameters: { ...call.parameters, per_page: 100 } };
    while (next !== null) {
      const answer: Answer = await this.send(next, signal);
      items.push(...pick(understood(schema, answer.data, call.what)));
      if (items.length > most || (items.length === most && answer.next !== null)) {
        this.parts.logger.warn(`GitHub has more than ${most} entries: the rest is left out`, { what: call.what });
        return items.slice(0, most);
      }
      next = answer.next === null ? null : { what: call.what, route: `GET ${this.ownUrl(answer.next, call.what)}` };
    }
    return items;
  }

  private async send(call: Call, signal: AbortSignal): Promise<Answer> {
    this.limits.assertAllowed(call.route, call.what);
    const authorization = await this.parts.identity.authorization(signal);
    try {
      const answer = await withDeadline(this.parts.times, call.what, signal, (means) => this.request(call, authorization, means));
      this.limits.learn(answer.headers, call.route);
      if (answer.status >= 300) throw explainFailure({ ...answer, message: '', response: answer }, call.what, []);
      return { data: answer.data, next: nextPage(answer.headers['link']) };
    } catch (error) {
      const { data: failure } = Failure.safeParse(error);
      if (failure === undefined) throw error;
      if (failure.status === 401) this.parts.identity.refused?.();
      const secrets = [...(call.secrets ?? []), ...(authorization === null ? [] : [authorization.replace(/^\S+ /, '')])];
      throw this.limits.explain(failure, call.route, call.what) ?? explainFailure(failure, call.what, secrets);
    }
  }

  private async request(
    { route, parameters, isOnce }: Call,
    authorization: string | null,
    means: Means,
  ): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string | number | undefined>>; readonly data: unknown }> {
    const redirect: 'follow' | 'manual' = route.startsWith('GET ') ? 'follow' : 'manual';
    const headers = { 'x-github-api-version': '2022-11-28', ...(authorization === null ? {} : { authorization }) };
    const request = { ...means, redirect, ...(isOnce ? { retries: 0 } : {}) };
    return await this.parts.octokit.request(route, { ...parameters, headers, request });
  }

  /** Our credentials go to the API and nowhere else. */
  private ownUrl(url: string, what: string): string {
    const { baseUrl } = this.parts.octokit.request.endpoint.DEFAULTS;
    if (URL.canParse(url) && new URL(url).origin === new URL(baseUrl).origin) return url;
    throw new PluginError('unavailable', `GitHub names a page at another host, so we do not ${what}: check the apiUrl of this instance.`);
  }
}

function understood<Schema extends ZodType>(schema: Schema, data: unknown, what: string): output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new PluginError(
    'unavailable',
    `The answer is not GitHub's when we ${what}${where === '' ? '' : ` (at ${where})`}: check the apiUrl of this instance, and what is between it and us.`,
  );
}

/** Source: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function nextPage(link: string | number | undefined): string | null {
  return /<([^<>]+)>; rel="next"/.exec(String(link ?? ''))?.[1] ?? null;
}
