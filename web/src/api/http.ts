import { Problem } from '#server/api';
import type { z } from 'zod';

/** What went wrong with a request, in the server's words or, where it could not be asked, in ours. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.detail, options);
  }
}

/** A request's method and JSON body. */
export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

let onUnauthorized: () => void = () => undefined;

/** Counts who signed in here: an answer to somebody before says nothing about whoever is signed in now. */
let era = 0;

/** Called whenever the server says that nobody, or the wrong one, is signed in. */
export function setUnauthorizedHandler(handler: () => void): void {
  onUnauthorized = handler;
}

/** To be called once somebody has signed in: what was asked before that may still be refused, and is not to send them away. */
export function beginEra(): void {
  era += 1;
}

/** Asks for JSON and checks it. Throws ApiError for a refusal, a broken connection and an answer that is not what was promised. */
export async function requestJson<T>(schema: z.ZodType<T>, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(path, options);
  const parsed = schema.safeParse(await readJson(response, path));
  if (parsed.success) return parsed.data;
  throw new ApiError(unexpectedAnswer(path, response.status, parsed.error.issues[0]?.path.join('.') ?? ''), { cause: parsed.error });
}

/** Asks and expects no body. Throws like requestJson. */
export async function requestNothing(path: string, options: RequestOptions): Promise<void> {
  await request(path, options);
}

/** Asks and gives the response as it is, once it is a good one. Throws ApiError otherwise. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const asked = era;
  const response = await send(path, options);
  if (response.ok) return response;
  if (response.status === 401 && asked === era) onUnauthorized();
  throw new ApiError(await readProblem(response, path));
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const hasBody = options.body !== undefined;
  try {
    return await fetch(path, {
      method: options.method ?? 'GET',
      headers: { accept: 'application/json', ...(hasBody ? { 'content-type': 'application/json' } : {}), ...options.headers },
      credentials: 'same-origin',
      signal: options.signal ?? null,
      ...(hasBody ? { body: JSON.stringify(options.body) } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(
      problemOf(0, 'No connection', 'The server could not be reached. It may be restarting, or your network is down. Try again in a moment.'),
      {
        cause: error,
      },
    );
  }
}

async function readJson(response: Response, path: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new ApiError(unexpectedAnswer(path, response.status, ''), { cause: error });
  }
}

async function readProblem(response: Response, path: string): Promise<Problem> {
  return problemIn(await response.text(), response.status, response.statusText, path);
}

/** The problem that a refusal says, or that it said none. */
function problemIn(text: string, status: number, statusText: string, path: string): Problem {
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    return problemOf(status, statusText || 'Request refused', `The server answered ${status} to ${path}, without saying why.`);
  }
}

/** Where a file goes, and who is told how many of its bytes have been sent. */
export interface UploadOptions {
  file: Blob;
  sent: (bytes: number) => void;
  signal: AbortSignal;
}

/** Sends a file by PUT and reads the JSON that is answered. Throws like requestJson; when `signal` says so it ends with the signal's reason. Not by fetch, which does not tell how far it is. */
export function upload<T>(schema: z.ZodType<T>, path: string, { file, sent, signal }: UploadOptions): Promise<T> {
  const { promise, resolve, reject } = deferred<T>();
  const request = new XMLHttpRequest();
  const stop = (): void => request.abort();
  request.open('PUT', path);
  request.setRequestHeader('accept', 'application/json');
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.upload.addEventListener('progress', ({ loaded }) => sent(loaded));
  request.addEventListener('abort', () => reject(signal.reason));
  request.addEventListener('error', () => reject(new ApiError(problemOf(0, 'No connection', CUT_OFF))));
  request.addEventListener('load', () => {
    if (request.status === 401) onUnauthorized();
    if (request.status < 200 || request.status > 299)
      return reject(new ApiError(problemIn(request.responseText, request.status, request.statusText, path)));
    const parsed = schema.safeParse(parseJson(request.responseText));
    if (parsed.success) resolve(parsed.data);
    else reject(new ApiError(unexpectedAnswer(path, request.status, parsed.error.issues[0]?.path.join('.') ?? ''), { cause: parsed.error }));
  });
  signal.addEventListener('abort', stop);
  request.send(file);
  return promise.finally(() => signal.removeEventListener('abort', stop));
}

const CUT_OFF = 'The upload was cut off: the server refused it half-way, or your network is down. Nothing of it is kept; try again in a moment.';

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let [resolve, reject]: [(value: T) => void, (reason: unknown) => void] = [() => undefined, () => undefined];
  const promise = new Promise<T>((good, bad) => ([resolve, reject] = [good, bad]));
  return { promise, resolve, reject };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unexpectedAnswer(path: string, status: number, place: string): Problem {
  const where = place === '' ? '' : ` (at ${place})`;
  return problemOf(
    status,
    'Unexpected answer',
    `The server's answer to ${path} is not what this page understands${where}. Reload the page: it may be of another version.`,
  );
}

function problemOf(status: number, title: string, detail: string): Problem {
  return { type: 'about:blank', title, status, detail, id: '' };
}

/** Any caught thing as a Problem that can be shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return problemOf(0, 'Something broke in this page', error instanceof Error ? error.message : String(error));
}
