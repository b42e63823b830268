import type { ZodType } from 'zod';

/** What a request is answered with. */
export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** A request as a route sees it: `params` are the decoded groups of its path. */
export interface FakeCall<Body = unknown> {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Body;
}

export interface FakeRoute {
  readonly method: string;
  readonly path: RegExp;
  /** The query parameters that it knows. */
  readonly query: readonly string[];
  /** Whether somebody without credentials may ask, as far as the repository is public. */
  readonly anonymous: boolean;
  readonly answer: (call: FakeCall) => Promise<FakeAnswer>;
}

/** An answer that is no success: the flavour gives it its shape. */
export class FakeProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request that the published interface does not have: it fails the test. */
export class Unexpected extends Error {}

/** A route without a body. */
export function reads(
  path: RegExp,
  query: readonly string[],
  answer: (call: FakeCall) => unknown,
  options: { readonly anonymous?: boolean; readonly method?: string; readonly status?: number } = {},
): FakeRoute {
  const { method = 'GET', status = 200, anonymous = method === 'GET' } = options;
  return { method, path, query, anonymous, answer: async (call) => ({ status, body: await answer(call) }) };
}

/** A route with a body, which must be of exactly that shape. */
export function writes<Body>(
  method: 'POST' | 'PUT',
  path: RegExp,
  shape: ZodType<Body>,
  status: number,
  answer: (call: FakeCall<Body>) => unknown,
): FakeRoute {
  return {
    method,
    path,
    query: [],
    anonymous: false,
    answer: async (call) => {
      const parsed = shape.safeParse(call.body);
      if (!parsed.success) throw new Unexpected(`its body: ${parsed.error.message}`);
      return { status, body: await answer({ ...call, body: parsed.data }) };
    },
  };
}

/** A value that must be among those that the published interface knows. */
export function expectQuery(query: URLSearchParams, name: string, known: readonly string[]): void {
  const value = query.get(name);
  if (value !== null && !known.includes(value)) throw new Unexpected(`${name}=${value}`);
}
