import { request } from 'node:http';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BuildSummary, LogIndex, LogSearch, Problem, QueueView, SessionView, TokenView } from '#server/api';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { machines, Scenario, subscribe, until } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const OpenApi = z.object({
  openapi: z.string().startsWith('3.'),
  components: z.object({ securitySchemes: z.record(z.string(), z.unknown()) }),
  paths: z.record(z.string(), z.record(z.string(), z.object({ summary: z.string().min(1), responses: z.record(z.string(), z.unknown()) }))),
});
const CreatedToken = z.object({ token: z.string(), view: TokenView });

/** The table in `server/api/routes.ts`, but for the two routes of the description itself. */
const ROUTES = [
  'GET /api/licenses',
  ...['PUT', 'DELETE'].map((method) => `${method} /api/licenses/{name}`),
  'POST /api/licenses/leases/{id}/release',
  ...['PUT', 'DELETE'].map((method) => `${method} /api/licenses/{name}/keys/{key}`),
  'POST /api/licenses/{name}/reservations',
  'DELETE /api/licenses/reservations/{id}',
  ...['use', 'uses.csv'].map((what) => `GET /api/licenses/${what}`),
  'GET /api/cache',
  'GET /api/pythons',
  'GET /api/bundles',
  ...['PUT', 'PATCH', 'DELETE'].map((method) => `${method} /api/bundles/{name}/{version}`),
  'GET /api/bundles/{name}/{version}/uses',
  'PUT /api/projects/{id}/groups',
  'PUT /api/projects/{id}/repository',
  ...['GET', 'PUT', 'DELETE'].map((method) => `${method} /api/projects/{id}/fork`),
  'POST /api/projects/{id}/fork/packages',
  'DELETE /api/projects/{id}/fork/packages/{package}',
  'GET /api/projects/{id}/fork/report',
  ...['flaky', 'slow'].map((what) => `GET /api/projects/{id}/tests/${what}`),
  'GET /api/health',
  ...['GET', 'POST', 'DELETE'].map((method) => `${method} /api/session`),
  ...['GET', 'POST'].map((method) => `${method} /api/tokens`),
  'DELETE /api/tokens/{id}',
  'POST /api/session/github',
  'GET /api/session/github/callback',
  'DELETE /api/account/identities/{provider}',
  ...['read', 'accept'].map((verb) => `POST /api/invitations/${verb}`),
  ...['GET', 'PATCH'].map((method) => `${method} /api/account`),
  'POST /api/account/password',
  ...['GET', 'DELETE'].map((method) => `${method} /api/account/sessions`),
  'DELETE /api/account/sessions/{session}',
  ...['GET', 'POST'].map((method) => `${method} /api/accounts`),
  'PATCH /api/accounts/{id}',
  'POST /api/accounts/{id}/invitation',
  ...['GET', 'POST'].map((method) => `${method} /api/projects/{id}/people`),
  'DELETE /api/projects/{id}/people/{account}',
  ...['GET', 'POST'].map((method) => `${method} /api/projects`),
  ...['GET', 'PATCH', 'DELETE'].map((method) => `${method} /api/projects/{id}`),
  ...['GET', 'POST'].map((method) => `${method} /api/projects/{id}/builds`),
  'GET /api/projects/{id}/badge.svg',
  'GET /api/builds/{id}',
  ...['cancel', 'restart'].map((verb) => `POST /api/builds/{id}/${verb}`),
  'GET /api/jobs/{id}',
  ...['cancel', 'restart', 'hold', 'release'].map((verb) => `POST /api/jobs/{id}/${verb}`),
  ...['', '/index', '/search'].map((rest) => `GET /api/jobs/{id}/log${rest}`),
  'GET /api/queue',
  ...['', '/lives'].map((rest) => `GET /api/machines${rest}`),
  'GET /api/pools/history',
  'GET /api/images',
  'GET /api/audit',
  'GET /api/code-hosts',
  'GET /api/code-hosts/{name}/repositories',
  ...['projects/{id}', '{instance}'].map((hook) => `POST /api/hooks/${hook}`),
  ...['/deliveries', '/projects/{id}/deliveries'].flatMap((all) => [
    `GET /api${all}`,
    `GET /api${all}/{delivery}`,
    `POST /api${all}/{delivery}/replay`,
  ]),
  ...['GET', 'POST'].map((method) => `${method} /api/projects/{id}/hook`),
  'POST /api/projects/{id}/hook/secret',
  'GET /api/held',
  'GET /api/builds/{id}/review',
  ...['approve', 'refuse'].map((verb) => `POST /api/builds/{id}/${verb}`),
  ...['GET', 'POST'].map((method) => `${method} /api/projects/{id}/contributors`),
  'DELETE /api/projects/{id}/contributors/{name}',
  'GET /api/notifiers',
  ...['GET', 'POST'].map((method) => `${method} /api/projects/{id}/subscriptions`),
  'DELETE /api/projects/{id}/subscriptions/{subscription}',
  ...['builds', 'projects'].map((things) => `GET /api/${things}/{id}/outbox`),
  'POST /api/projects/{id}/outbox/{entry}/resend',
  'GET /api/projects/{id}/environments',
  ...['PUT', 'DELETE'].map((method) => `${method} /api/projects/{id}/environments/{name}`),
  'POST /api/secrets/rotate',
];

let database: DatabaseUrl;
let scenario: Scenario;
/** A job whose log is `LINES`, and one that waits for ever. */
let finishedJob: number;
let projectId: number;
const LINES = Array.from({ length: 2000 }, (_, index) => `line ${index} of ümlauts\n`).join('');

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  scenario = await Scenario.open(machines(1), { database: 'own', environment: { DATABASE_URL: database.url } });
  const script = 'i=0; while [ $i -lt 2000 ]; do echo "line $i of ümlauts"; i=$((i+1)); done';
  const project = await scenario.project('api', JSON.stringify({ checkout: false, test: script }));
  projectId = project.id;
  finishedJob = (await scenario.ended((await scenario.start(project.id)).id)).jobs[0]?.id ?? 0;
});

afterAll(async () => {
  await scenario?.close();
  await database?.drop();
});

/** A request without any credentials of ours. */
async function bare(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  return await fetch(scenario.server.url + path, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
}

async function expectProblem(response: Response, status: number): Promise<Problem> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = Problem.parse(await response.json());
  expect(problem).toMatchObject({ status, detail: expect.stringMatching(/./), title: expect.stringMatching(/./) });
  return problem;
}

describe('what does not fit is answered as a problem', () => {
  test.each([
    ['GET', '/api/projects/2000000000', undefined, 404],
    ['GET', '/api/builds/2000000000', undefined, 404],
    ['GET', '/api/jobs/2000000000', undefined, 404],
    ['GET', '/api/jobs/2000000000/log', undefined, 404],
    ['POST', '/api/builds/2000000000/cancel', undefined, 404],
    ['POST', '/api/builds/2000000000/restart', undefined, 404],
    ['POST', '/api/jobs/2000000000/cancel', undefined, 404],
    ['POST', '/api/jobs/2000000000/restart', undefined, 404],
    ['DELETE', '/api/tokens/2000000000', undefined, 404],
    ['PATCH', '/api/projects/2000000000', {}, 404],
    ['POST', '/api/projects/2000000000/builds', {}, 404],
    ['GET', '/api/projects/x/badge.svg', undefined, 400],
    ['GET', '/api/projects/1/badge.svg?branch=a%00b', undefined, 400],
    ['GET', '/api/nowhere', undefined, 404],
    ['GET', '/api/jobs/one', undefined, 400],
    ['GET', '/api/jobs/0', undefined, 400],
    ['GET', '/api/jobs/-1', undefined, 400],
    ['GET', '/api/jobs/1.5', undefined, 400],
    ['GET', '/api/jobs/99999999999999999999', undefined, 400],
    ['GET', '/api/queue?limit=501', undefined, 400],
    ['GET', '/api/queue?limit=x', undefined, 400],
    ['GET', '/api/licenses/use?hours=0', undefined, 400],
    ['GET', '/api/licenses/use?hours=8785', undefined, 400],
    ['GET', '/api/licenses/uses.csv', undefined, 400],
    ['GET', '/api/licenses/uses.csv?from=2026-11-02&until=2026-11-01', undefined, 400],
    ['GET', '/api/projects/1/tests/flaky?days=0', undefined, 400],
    ['GET', '/api/projects/1/tests/slow?days=367', undefined, 400],
    ['POST', '/api/projects', {}, 400],
    ['POST', '/api/projects', { url: 5 }, 400],
    ['POST', '/api/projects', { url: '/x', name: '../up' }, 400],
    ['POST', '/api/projects', { url: '/x', settings: { pollSeconds: 1 } }, 400],
    ['POST', '/api/tokens', { name: '' }, 400],
    ['POST', '/api/tokens', { name: 'x', expiresInDays: -1 }, 400],
    ['POST', '/api/tokens', { name: 'x', expiresInDays: 366 }, 400],
    ['POST', '/api/tokens', { name: 'x', scopes: [] }, 400],
    ['PATCH', '/api/accounts/2000000000', {}, 404],
    ['POST', '/api/accounts', { name: 'with blank' }, 400],
    ['POST', '/api/accounts', { name: 'ADMIN' }, 409],
  ])('%s %s %j: %i', async (method, path, body, status) => {
    await expectProblem(await scenario.request(method, path, body), status);
  });

  test('a body that does not fit names each place', async () => {
    const problem = await expectProblem(await scenario.request('POST', '/api/projects', { name: '-', settings: { pollSeconds: 'x' } }), 400);
    expect(problem.errors?.map((error) => error.path).toSorted()).toEqual(['name', 'settings.pollSeconds', 'url']);
  });

  test.each([
    ['POST', '/api/projects', { url: '/x', branch: 'main' }, '', 'branch'],
    ['POST', '/api/projects', { url: '/x', settings: { pollInterval: 60 } }, 'settings', 'pollInterval'],
    ['POST', '/api/projects', { url: '/x', credentials: { kind: 'password', user: 'a', password: 'b', token: 'c' } }, 'credentials', 'token'],
    ['PATCH', '/api/projects/1', { secret: { A: 'b' } }, '', 'secret'],
    ['POST', '/api/projects/1/builds', { branch: 'main' }, '', 'branch'],
    ['POST', '/api/tokens', { name: 'x', days: 1 }, '', 'days'],
  ])('%s %s %j: a key that is not known is named', async (method, path, body, place, key) => {
    const { errors } = await expectProblem(await scenario.request(method, path, body), 400);
    expect(errors).toEqual([{ path: place, message: expect.stringContaining(`"${key}"`) }]);
  });

  test('a body that is no JSON, or too large', async () => {
    const headers = { authorization: `Bearer ${scenario.server.token}`, 'content-type': 'application/json' };
    await expectProblem(await bare('POST', '/api/projects', headers, '{"url": '), 400);
    await expectProblem(await bare('POST', '/api/projects', headers, JSON.stringify({ url: 'x'.repeat(1_100_000) })), 413);
    await expectProblem(await bare('POST', '/api/hooks/projects/1', headers, 'x'.repeat(70_000)), 413);
  });

  test('a repository that is not there, a name that is taken, a ref that does not exist', async () => {
    const missing = await scenario.request('POST', '/api/projects', { url: '/nonexistent/repository' });
    expect((await expectProblem(missing, missing.status)).status).toBeGreaterThanOrEqual(400);
    expect(missing.status).toBeLessThan(500);
    const [known] = (await scenario.json('GET', '/api/projects')) as { url: string }[];
    await expectProblem(await scenario.request('POST', '/api/projects', { url: known?.url, name: 'api' }), 409);
    await expectProblem(await scenario.request('POST', `/api/projects/${projectId}/builds`, { ref: 'no-such-branch' }), 404);
    expect((await scenario.json('GET', '/api/projects')) as unknown[]).toHaveLength(1);
  });

  test('a name that another project has cannot be given either', async () => {
    const other = await scenario.project('other', '{"test": "true"}');
    await expectProblem(await scenario.request('PATCH', `/api/projects/${other.id}`, { name: 'api' }), 409);
    expect((await scenario.request('DELETE', `/api/projects/${other.id}`)).status).toBe(204);
    await expectProblem(await scenario.request('GET', `/api/projects/${other.id}`), 404);
  });
});

describe('who may', () => {
  test('every route of the description but the open ones is refused without credentials, and with wrong ones', async () => {
    const { paths } = OpenApi.parse(await (await scenario.request('GET', '/api/openapi.json')).json());
    const open = /^\/api\/(health|session|invitations|hooks)(\/|$)|\/badge\.svg$/;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      open.test(path) ? [] : Object.keys(methods).map((method) => ({ method, path })),
    );
    expect(routes.length).toBeGreaterThan(15);
    for (const { method, path } of routes) {
      const real = path.replace('{id}', String(projectId));
      await expectProblem(await bare(method.toUpperCase(), real), 401);
      await expectProblem(await bare(method.toUpperCase(), real, { authorization: 'Bearer wrong' }), 401);
    }
  });

  test('a token works until it is removed, and its secret is shown once', async () => {
    const { token, view } = CreatedToken.parse(await scenario.json('POST', '/api/tokens', { name: 'ci', expiresInDays: 1 }));
    const headers = { authorization: `Bearer ${token}` };
    expect((await bare('GET', '/api/projects', headers)).status).toBe(200);
    const listed = await (await scenario.request('GET', '/api/tokens')).text();
    expect(listed).toContain(view.prefix);
    expect(listed).not.toContain(token);
    expect((await scenario.request('DELETE', `/api/tokens/${view.id}`)).status).toBe(204);
    await expectProblem(await bare('GET', '/api/projects', headers), 401);
  });

  test('an expired token is refused', async () => {
    const { token, view } = CreatedToken.parse(await scenario.json('POST', '/api/tokens', { name: 'old', expiresInDays: 1 }));
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`update tokens set expires_at = now() - interval '1 second' where id = $1`, [view.id]);
    await client.end();
    await expectProblem(await bare('GET', '/api/projects', { authorization: `Bearer ${token}` }), 401);
  });

  test('what was opened with a token ends with it', async () => {
    const { token, view } = CreatedToken.parse(await scenario.json('POST', '/api/tokens', { name: 'short', expiresInDays: 1 }));
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`update tokens set expires_at = now() + interval '3 seconds' where id = $1`, [view.id]);
    await client.end();
    const socket = scenario.socket(token);
    const closed = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    await subscribe(socket, 'queue');
    expect(await closed).toBe('io server disconnect');
    socket.disconnect();
  });

  test('the login link is good once, from our own pages; its session may change things only from there', async () => {
    const code = /login\?code=(\S+)/.exec(await scenario.server.output())?.[1] ?? '';
    const json = { 'content-type': 'application/json' };
    const own = { origin: scenario.server.url };
    const signIn = (headers: Record<string, string>): Promise<Response> =>
      bare('POST', '/api/session', { ...json, ...headers }, JSON.stringify({ login: code }));
    await expectProblem(await signIn({}), 403);
    await expectProblem(await signIn({ origin: 'http://evil.example' }), 403);
    const signed = await signIn(own);
    expect(SessionView.parse(await signed.json()).user).toMatchObject({ role: 'admin' });
    await expectProblem(await signIn(own), 401);
    const set = signed.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/HttpOnly/i);
    expect(set).toMatch(/SameSite=Lax/i);
    const cookie = { cookie: set.split(';')[0] ?? '' };
    expect(SessionView.parse(await (await bare('GET', '/api/session', cookie)).json()).user).not.toBeNull();
    expect((await bare('GET', '/api/projects', cookie)).status).toBe(200);
    const create = (headers: Record<string, string>): Promise<Response> =>
      bare('POST', '/api/tokens', { ...json, ...cookie, ...headers }, '{"name":"x"}');
    await expectProblem(await create({}), 403);
    await expectProblem(await create({ origin: 'http://evil.example' }), 403);
    await expectProblem(await create({ ...own, 'sec-fetch-site': 'cross-site' }), 403);
    expect((await create(own)).status).toBe(201);
    await expectProblem(await bare('DELETE', '/api/session', cookie), 403);
    expect((await bare('DELETE', '/api/session', { ...cookie, ...own })).status).toBe(204);
    await expectProblem(await bare('GET', '/api/projects', cookie), 401);
  });
});

test('pages run nothing but what the server itself has', async () => {
  const policy = (await fetch(scenario.server.url)).headers.get('content-security-policy') ?? '';
  expect(policy.split(';')).toEqual(expect.arrayContaining(["default-src 'self'", "script-src 'self'", "frame-ancestors 'self'"]));
});

describe('a log', () => {
  const range = async (header: string, job = finishedJob): Promise<Response> =>
    await scenario.request('GET', `/api/jobs/${job}/log`, undefined, { range: header });

  test('is read whole, as plain text that no browser runs', async () => {
    const response = await scenario.request('GET', `/api/jobs/${finishedJob}/log?download=1`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-log-complete': 'true',
      'accept-ranges': 'bytes',
      'content-security-policy': expect.stringContaining('sandbox'),
      'content-disposition': expect.stringContaining('attachment'),
    });
    expect((await response.text()).endsWith(LINES)).toBe(true);
  });

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
    ['bytes=0-99999999', 0, undefined],
    ['bytes=-99999999', 0, undefined],
  ] as const)('in part: %s', async (header, start, end) => {
    const whole = await scenario.log(finishedJob);
    const wanted = whole.subarray(start, end);
    const response = await range(header);
    expect(response.status).toBe(206);
    const first = start < 0 ? whole.length + start : start;
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${first + wanted.length - 1}/${whole.length}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(wanted)).toBe(true);
  });

  test('beyond its end is not satisfiable, and nonsense is ignored', async () => {
    const { length } = await scenario.log(finishedJob);
    for (const header of [`bytes=${length}-`, `bytes=${length + 5}-${length + 9}`, 'bytes=-0']) {
      const response = await range(header);
      expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${length}`]);
    }
    for (const header of ['lines=0-5', 'bytes=5-2', 'bytes=0-1,4-5', 'bytes=x-']) expect((await range(header)).status).toBe(200);
  });

  test('can be read while it grows, each part once', async () => {
    const build = await scenario.build(
      'growing',
      JSON.stringify({ checkout: false, test: 'for i in $(seq 40); do echo "growing $i"; sleep 0.1; done' }),
    );
    const job = build.jobs[0]?.id ?? 0;
    let text = '';
    await until('the whole of a growing log', async () => {
      const complete = (await scenario.getJob(job)).logComplete;
      const response = await range(`bytes=${Buffer.byteLength(text)}-`, job);
      expect([206, 416]).toContain(response.status);
      if (response.status === 206) text += await response.text();
      return complete && response.status === 416 ? true : null;
    });
    expect(text).toBe((await scenario.log(job)).toString());
    expect(text).toContain('growing 40\n');
  });

  test('its index says where lines begin, and its search which lines hold a text', async () => {
    const bytes = await scenario.log(finishedJob);
    const index = LogIndex.parse(await scenario.json('GET', `/api/jobs/${finishedJob}/log/index`));
    expect(index).toMatchObject({ attempt: 1, size: bytes.length, lines: 2001, complete: true });
    for (const [line, offset] of index.entries) expect(bytes.subarray(0, offset).toString('latin1').split('\n').length - 1).toBe(line);
    const found = LogSearch.parse(await scenario.json('GET', `/api/jobs/${finishedJob}/log/search?q=${encodeURIComponent('LINE 199 OF ÜMLAUTS')}`));
    expect(found).toEqual({ total: 1, lines: [200], complete: true });
    await expectProblem(await scenario.request('GET', `/api/jobs/${finishedJob}/log/search`), 400);
    await expectProblem(await scenario.request('GET', `/api/jobs/${finishedJob}/log/search?q=a%0Ab`), 400);
    await expectProblem(await scenario.request('GET', `/api/jobs/${finishedJob}/log/search?q=${'x'.repeat(501)}`), 400);
  });
});

test('everything in the queue says what it waits for, and has its place', async () => {
  const jobs = Array.from({ length: 6 }, (_, index) => ({ name: `wait ${index}`, test: ['echo begun', 'sleep 600'] }));
  const build = await scenario.build('queue', JSON.stringify({ checkout: false, jobs }));
  await until('one job to run', async () => ((await scenario.getBuild(build.id)).jobs.some((job) => job.state === 'running') ? true : null));
  const queue = QueueView.parse(await scenario.json('GET', '/api/queue'));
  expect(queue.total).toBe(5);
  expect(queue.entries.map((entry) => entry.place)).toEqual([1, 2, 3, 4, 5]);
  expect(QueueView.parse(await scenario.json('GET', '/api/queue?limit=2'))).toMatchObject({ total: 5, entries: { length: 2 } });
  const waiting = (await scenario.getBuild(build.id)).jobs.filter((job) => job.state === 'queued');
  expect(waiting.every((job) => (job.reason ?? '') !== '')).toBe(true);
  await expectProblem(await scenario.request('DELETE', `/api/projects/${build.projectId}`), 409);
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await scenario.ended(build.id);
});

test('builds are listed newest first, by branch and in pages', async () => {
  const [second, third] = [await scenario.start(projectId), await scenario.start(projectId)];
  await Promise.all([scenario.ended(second.id), scenario.ended(third.id)]);
  const numbers = async (query: string): Promise<number[]> =>
    z
      .array(BuildSummary)
      .parse(await scenario.json('GET', `/api/projects/${projectId}/builds${query}`))
      .map((build) => build.number);
  expect(await numbers('')).toEqual([3, 2, 1]);
  expect(await numbers('?limit=1')).toEqual([3]);
  expect(await numbers('?before=3&limit=1')).toEqual([2]);
  expect(await numbers('?branch=main')).toEqual([3, 2, 1]);
  expect(await numbers('?branch=other')).toEqual([]);
});

test('the description of the interface has the routes of the contract, and no others', async () => {
  const { paths, components } = OpenApi.parse(await (await scenario.request('GET', '/api/openapi.json')).json());
  const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(described.toSorted()).toEqual(ROUTES.toSorted());
  expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  expect((await bare('GET', '/api/docs')).status).toBe(200);
});

test.each([
  '/../package.json',
  '/assets/../../../package.json',
  '/%2e%2e/%2e%2e/package.json',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/..%5c..%5cpackage.json',
  '//etc/passwd',
  '/.env',
])('no path leads out of the pages: %s', async (path) => {
  const { status, body } = await raw(path);
  expect(status).toBeLessThan(500);
  expect(body).not.toContain('"terrarium"');
  expect(body).not.toContain('root:');
});

/** A request with exactly this path: `fetch` would tidy it up. */
function raw(path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(scenario.server.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}
