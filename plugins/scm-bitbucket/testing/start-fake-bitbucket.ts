import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#plugins/kit/testing/git-host';
import { answerGit } from '#plugins/kit/testing/http-git-server';
import { cloudRoutes } from './cloud-routes.ts';
import { dataCenterRoutes } from './data-center-routes.ts';
import { FakeBitbucket, type Flavour } from './fake-bitbucket.ts';
import { FakeProblem, Unexpected, type FakeAnswer, type FakeRoute } from './fake-routes.ts';

/** Starts a fake Bitbucket on loopback: API, git over http, and what sends webhooks (`Courier`). `close` it. */
export async function startFakeBitbucket(flavour: Flavour): Promise<FakeBitbucket> {
  const { folder } = await temporaryFolder();
  await mkdir(path.join(folder, 'git'));
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const host = new FakeBitbucket(flavour, `http://127.0.0.1:${address.port}`, folder, server);
  const routes = flavour === 'cloud' ? cloudRoutes(host) : dataCenterRoutes(host);
  server.on('request', (request, response) => void serve(host, routes, request, response));
  return host;
}

async function serve(host: FakeBitbucket, routes: readonly FakeRoute[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', host.url);
  const api = new URL(host.apiUrl).pathname;
  if (!url.pathname.startsWith(`${api}/`)) return serveRepository(host, url, request, response);
  const title = `${request.method} ${url.pathname.slice(api.length)}`;
  host.requests.push(title);
  if (host.silent) return;
  const { trouble } = host;
  if (trouble !== null) return void response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? '');
  const { status, body } = await answer(host, routes, title, url, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? undefined : JSON.stringify(body));
}

/** Private repositories want credentials. */
function serveRepository(host: FakeBitbucket, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const place = path.join(host.root, 'git', decodeURIComponent(url.pathname));
  const wanted = host.repositories.find(({ folder }) => place.startsWith(`${folder}/`));
  const { authorization } = request.headers;
  const known = authorization === undefined ? wanted?.isPrivate !== true : host.accepted.has(authorization);
  if (!known) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="Bitbucket"' }).end();
  answerGit(path.join(host.root, 'git'), true, request, response);
}

async function answer(host: FakeBitbucket, routes: readonly FakeRoute[], title: string, url: URL, request: IncomingMessage): Promise<FakeAnswer> {
  const problem = (status: number, message: string): FakeAnswer => ({ status, body: problemOf(host, message) });
  try {
    const place = url.pathname.slice(new URL(host.apiUrl).pathname.length);
    const route = routes.find((each) => each.method === request.method && each.path.test(place));
    if (route === undefined) throw new Unexpected('no such request');
    const params = (route.path.exec(place) ?? []).slice(1).map(decodeURIComponent);
    const odd = [...url.searchParams.keys()].filter((name) => !route.query.includes(name));
    if (odd.length > 0) throw new Unexpected(`its query: ${odd.join(', ')}`);
    const { authorization } = request.headers;
    if (authorization === undefined ? !route.anonymous || isPrivate(host, params) : !host.accepted.has(authorization))
      return problem(401, `Not for you: ${authorization ?? 'nobody'}`);
    return await route.answer({ params, query: url.searchParams, body: await bodyOf(request) });
  } catch (error) {
    if (error instanceof FakeProblem) return problem(error.status, error.message);
    host.unexpected.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    return problem(501, 'unexpected');
  }
}

/** Of a workspace one private repository is enough. */
function isPrivate(host: FakeBitbucket, [owner = '', slug]: readonly string[]): boolean {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return host.repositories.some((each) => each.isPrivate && same(each.owner, owner) && (slug === undefined || same(each.slug, slug)));
}

function problemOf({ flavour }: FakeBitbucket, message: string): object {
  if (flavour === 'cloud') return { type: 'error', error: { message } };
  return { errors: [{ context: null, message, exceptionName: null }] };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
