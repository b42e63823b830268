import { z, type ZodType } from 'zod';
import { permissionOf, type Caller } from './fake-callers.ts';
import type { FakeRepository, FakeState } from './fake-state.ts';

/** One request as a handler sees it. */
export interface Ask {
  readonly state: FakeState;
  readonly caller: Caller;
  /** `http://127.0.0.1:PORT/api/v3`. */
  readonly apiUrl: string;
  readonly webUrl: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: string;
  /** `/repos/{owner}/{repo}/hooks`. */
  readonly path: string;
  /** The names that the query may have. */
  readonly query?: readonly string[];
  readonly answer: (ask: Ask) => Answer;
}

/** What is wrong with a request that GitHub might take, but this plugin should never make: it fails the test. */
export class Unexpected extends Error {}

/** The route of a request, with what its path says; null where there is none. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | null {
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, path) : null;
    if (params !== null) return { route, params };
  }
  return null;
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body, headers };
}

/** GitHub's form of an error. */
export function problem(status: number, message: string, errors?: readonly unknown[]): Answer {
  return json(status, {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  });
}

export const NOT_FOUND = problem(404, 'Not Found');

/** One page, with the header that leads to the next one. */
export function page<Item>({ query, apiUrl, path }: Ask, items: readonly Item[], wrap: (items: readonly Item[]) => unknown): Answer {
  const size = Number(query.get('per_page') ?? 30);
  const number = Number(query.get('page') ?? 1);
  if (size > 100) throw new Unexpected(`per_page is ${size}: GitHub gives 100 at most`);
  const isLast = number * size >= items.length;
  const next = new URLSearchParams(query);
  next.set('page', String(number + 1));
  const headers: Record<string, string> = isLast ? {} : { link: `<${apiUrl}${path}?${next.toString()}>; rel="next"` };
  return json(200, wrap(items.slice((number - 1) * size, number * size)), headers);
}

/** The body, which must be exactly what `schema` says. */
export function bodyOf<Schema extends ZodType>({ body }: Ask, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Unexpected(`the body is not as expected: ${z.prettifyError(parsed.error)}`);
}

/**
 * Answers for a repository that the caller sees and may change: `demand` names a permission of Apps, and what a user must be able to do. Who does not see it gets
 * 404, who may not 403.
 */
export function forRepository(
  demand: { readonly permission: string; readonly level: 'read' | 'write'; readonly user: 'admin' | 'write' | 'read'; readonly hides?: true },
  answer: (repository: FakeRepository, ask: Ask) => Answer,
): (ask: Ask) => Answer {
  return (ask) => {
    const { state, caller, params } = ask;
    const repository = state.repository(params['owner'] ?? '', params['repo'] ?? '');
    if (repository === null || permissionOf(state, caller, repository) === 'none') return NOT_FOUND;
    if (mayDo(ask, repository, demand)) return answer(repository, ask);
    if (demand.hides === true && caller.kind !== 'installation') return NOT_FOUND;
    return problem(403, caller.kind === 'installation' ? 'Resource not accessible by integration' : 'Must have push access to repository');
  };
}

function mayDo(
  { state, caller }: Ask,
  repository: FakeRepository,
  { permission, level, user }: { readonly permission: string; readonly level: 'read' | 'write'; readonly user: 'admin' | 'write' | 'read' },
): boolean {
  if (caller.kind === 'installation') {
    const has = caller.permissions[permission];
    return has === 'write' || has === level;
  }
  const order = ['none', 'read', 'write', 'admin'];
  return order.indexOf(permissionOf(state, caller, repository)) >= order.indexOf(user);
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? '');
    if (part.startsWith('{')) params[part.slice(1, -1)] = value;
    else if (part !== value) return null;
  }
  return params;
}
