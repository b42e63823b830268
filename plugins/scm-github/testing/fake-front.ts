import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { answerGit } from '#plugins/kit/testing/http-git-server';
import { ACCOUNT_ROUTES } from './fake-account-routes.ts';
import { callerOf, permissionOf, type Caller } from './fake-callers.ts';
import { REPOSITORY_ROUTES } from './fake-repository-routes.ts';
import { findRoute, problem, Unexpected, type Answer } from './fake-routes.ts';
import type { FakeRepository, FakeState } from './fake-state.ts';

/** A request that came in. */
export interface Answered {
  /** `GET /repos/ada/demo/hooks`, without the query. */
  readonly what: string;
  readonly query: string;
  readonly caller: Caller['kind'];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What one request is answered with instead. */
export interface Scripted {
  /** `GET /user`, as `Answered.what`; a prefix of it is enough. */
  readonly what: string;
  /** Null: never. */
  readonly answer: Answer | null;
}

const API = '/api/v3';
const LIMIT = 5000;
const ROUTES = [...REPOSITORY_ROUTES, ...ACCOUNT_ROUTES];
const HOUR_SECONDS = 3600;

/** The fake's HTTP: decides who answers, keeps the limits, writes down what was asked. */
export class FakeFront {
  readonly requests: Answered[] = [];
  readonly unexpected: string[] = [];
  readonly scripted: Scripted[] = [];
  remaining: number | null = null;
  private readonly state: FakeState;
  private readonly webUrl: string;
  private readonly folder: string;

  constructor(state: FakeState, webUrl: string, folder: string) {
    this.state = state;
    this.webUrl = webUrl;
    this.folder = folder;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.webUrl);
    if (url.pathname.startsWith(`${API}/`)) void this.takeApi(url, request, response);
    else this.takeGit(url, request, response);
  }

  private async takeApi(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await buffer(request)).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const caller = callerOf(this.state, request.headers.authorization ?? '');
    const what = `${request.method} ${url.pathname.slice(API.length)}`;
    this.requests.push({ what, query: url.search, caller: caller.kind, headers: request.headers, body });
    const index = this.scripted.findIndex((one) => what.startsWith(one.what));
    const [scripted] = index < 0 ? [] : this.scripted.splice(index, 1);
    if (scripted?.answer === null) return;
    respond(scripted?.answer ?? this.limited() ?? this.answer(url, request.method ?? '', caller, body), response, this.remaining);
  }

  private limited(): Answer | null {
    if (this.remaining === null) return null;
    if (this.remaining <= 0) return problem(403, 'API rate limit exceeded for user ID 1.');
    this.remaining -= 1;
    return null;
  }

  private answer(url: URL, method: string, caller: Caller, body: unknown): Answer {
    if (caller.kind === 'bad') return problem(401, 'Bad credentials');
    const place = url.pathname.slice(API.length);
    const moved = this.moved(place, method, url.search);
    if (moved !== null) return moved;
    const known = place.replace(/^\/repositories\/(\d+)/, (_, id: string) => this.pathOf(Number(id)));
    const found = findRoute(ROUTES, method, known);
    try {
      if (found === null) throw new Unexpected('there is no such route');
      const extra = [...url.searchParams.keys()].find((name) => !(found.route.query ?? []).includes(name));
      if (extra !== undefined) throw new Unexpected(`the query has ${extra}`);
      const { state, webUrl } = this;
      const ask = { state, caller, apiUrl: webUrl + API, webUrl, path: known, params: found.params, query: url.searchParams, body };
      return found.route.answer(ask);
    } catch (error) {
      if (!(error instanceof Unexpected)) throw error;
      this.unexpected.push(`${method} ${place}${url.search}: ${error.message}`);
      return problem(500, `unexpected: ${error.message}`);
    }
  }

  /** GitHub sends reads of a renamed repository on with 301, all else with 307. */
  private moved(place: string, method: string, search: string): Answer | null {
    const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(.*)$/.exec(place) ?? [];
    const repository = this.state.renamed.get(`${owner}/${name}`.toLowerCase());
    if (repository === undefined) return null;
    const location = `${this.webUrl}${API}/repositories/${repository.id}${rest}${search}`;
    return { ...problem(method === 'GET' ? 301 : 307, 'Moved Permanently'), headers: { location } };
  }

  private pathOf(id: number): string {
    const repository = this.state.repositories.find((one) => one.id === id);
    return repository === undefined ? '/repositories/gone' : `/repos/${repository.owner}/${repository.name}`;
  }

  /** Who does not say who he is and asks for a repository that he does not see is asked, as at GitHub, whether it exists or not. */
  private takeGit(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const [, owner = '', name = '', rest = ''] = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/.*)$/.exec(url.pathname) ?? [];
    const caller = callerOf(this.state, request.headers.authorization ?? '');
    const repository = this.state.repository(owner, name) ?? this.state.renamed.get(`${owner}/${name}`.toLowerCase()) ?? null;
    if (repository !== null && caller.kind !== 'bad' && this.mayRead(caller, repository)) {
      request.url = `/tree${rest}${url.search}`;
      answerGit(path.join(this.folder, String(repository.id)), true, request, response);
    } else if (caller.kind === 'anonymous' || caller.kind === 'bad') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
    } else {
      response.writeHead(404).end('Repository not found.');
    }
  }

  private mayRead(caller: Caller, repository: FakeRepository): boolean {
    if (caller.kind === 'installation' && caller.permissions['contents'] === undefined) return false;
    return permissionOf(this.state, caller, repository) !== 'none';
  }
}

function respond({ status, body, headers = {} }: Answer, response: ServerResponse, remaining: number | null): void {
  const limits = {
    'x-ratelimit-limit': String(LIMIT),
    'x-ratelimit-remaining': String(remaining ?? LIMIT - 1),
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + HOUR_SECONDS),
  };
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'x-github-request-id': 'FAKE:1', ...limits, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
