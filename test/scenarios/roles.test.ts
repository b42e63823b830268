import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type BuildView, MachineLife, MachinesView, ProjectView, QueueView, SessionView } from '#server/api';
import { giveRole, newcomer, type Person } from './people.ts';
import { type LiveSocket, machines, Scenario, subscribe, until } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const Paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let scenario: Scenario;
let [hidden, shown]: [BuildView | null, BuildView | null] = [null, null];
let outsider: Person;
const sockets: LiveSocket[] = [];

function of(build: BuildView | null): { project: number; build: number; job: number } {
  return { project: build?.projectId ?? 0, build: build?.id ?? 0, job: build?.jobs[0]?.id ?? 0 };
}

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
  hidden = await scenario.ended((await scenario.build('hidden', '{"checkout": false, "test": "echo secret thing"}')).id);
  shown = await scenario.ended((await scenario.build('shown', '{"checkout": false, "test": "echo shared thing"}')).id);
  await scenario.json('PATCH', `/api/projects/${of(shown).project}`, { secrets: { PYPI_TOKEN: 'never to be told' } });
  outsider = await newcomer(scenario, 'otto', null);
  await giveRole(scenario, of(shown).project, 'otto', 'viewer');
});

afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await scenario?.close();
});

function connect(cookie: string, url = scenario.server.url): LiveSocket {
  const socket: LiveSocket = io(url, { transports: ['websocket'], forceNew: true, extraHeaders: { cookie, origin: url } });
  sockets.push(socket);
  return socket;
}

/** What the routes of the description are, with things of a project in the place of their parameters. */
async function routes(build: BuildView | null): Promise<{ method: string; path: string; concrete: string }[]> {
  const { paths } = Paths.parse(await scenario.json('GET', '/api/openapi.json'));
  const ids = of(build);
  const idOf = (path: string): string =>
    String(path.startsWith('/api/projects') ? ids.project : path.startsWith('/api/builds') ? ids.build : ids.job);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path,
      concrete: path.replace('{id}', idOf(path)).replace(/\{\w+\}/, '1') + (path.endsWith('/search') ? '?q=thing' : ''),
    })),
  );
}

/** Who may what, what was sent and told, code that nobody has approved: not for who may only read. */
const FOR_ADMINS = new Set([
  'DELETE /api/projects/{id}',
  'PUT /api/projects/{id}/groups',
  'PUT /api/projects/{id}/repository',
  'PUT /api/projects/{id}/fork',
  'DELETE /api/projects/{id}/fork',
]);
const MORE_THAN_READING = /\/(people|contributors|review|hook|deliveries|subscriptions|outbox|environments)(\/|$)/;

describe('somebody who may read one project', () => {
  test('is answered by every route of another as if it were not there', async () => {
    const things = (await routes(hidden)).filter(({ path }) => /^\/api\/(projects|builds|jobs)\/\{id\}(?!\/badge)/.test(path));
    expect(things.length).toBeGreaterThan(15);
    for (const { method, path, concrete } of things) {
      // Deleting and moving projects is for those who may add them, groups and forks are for admins: whoever may not is told so, whether there is such a project or not.
      const expected = FOR_ADMINS.has(`${method} ${path}`) ? 403 : 404;
      expect([method, path, await outsider.status(method, concrete, method === 'GET' ? undefined : {})]).toEqual([method, path, expected]);
    }
    // Nothing of it happened.
    expect((await scenario.getBuild(of(hidden).build)).jobs).toEqual(hidden?.jobs);
  });

  test('may read all of his own project, and change none of it', async () => {
    const things = (await routes(shown)).filter(({ path }) => /^\/api\/(projects|builds|jobs)\/\{id\}/.test(path));
    for (const { method, path, concrete } of things) {
      // It is no fork of Python.
      const read = /\/fork(\/report)?$/.test(path) ? 404 : 200;
      const expected = method === 'GET' && !MORE_THAN_READING.test(path) ? read : 403;
      expect([method, path, await outsider.status(method, concrete, method === 'GET' ? undefined : {})]).toEqual([method, path, expected]);
    }
  });

  test('reaches nothing that is for admins', async () => {
    for (const { method, concrete } of (await routes(shown)).filter(({ path }) => /^\/api\/(accounts|audit)/.test(path))) {
      expect([method, concrete, await outsider.status(method, concrete, method === 'GET' ? undefined : {})]).toEqual([method, concrete, 403]);
    }
  });

  test('sees in lists only what he may read, and no names of secrets', async () => {
    const projects = z.array(ProjectView).parse(await outsider.json('GET', '/api/projects'));
    expect(projects.map(({ name, secretNames }) => [name, secretNames])).toEqual([['shown', []]]);
    const lives = z.array(MachineLife).parse(await outsider.json('GET', '/api/machines/lives'));
    expect(lives.flatMap(({ job }) => job?.id ?? []).every((id) => id === of(shown).job)).toBe(true);
    expect(lives.some(({ job }) => job?.id === of(shown).job)).toBe(true);
    const all = z.array(MachineLife).parse(await scenario.json('GET', '/api/machines/lives'));
    expect(all.some(({ job }) => job?.id === of(hidden).job)).toBe(true);
  });

  test('hears live only of that, and of a queue and machines without the others’ jobs', async () => {
    // Machines are told of as they are a moment later: its job lasts longer than that.
    const lasting = await scenario.ended((await scenario.build('lasting', '{"checkout": false, "test": "sleep 1"}')).id);
    await giveRole(scenario, lasting.projectId, 'otto', 'viewer');
    const socket = connect(outsider.cookie);
    const [builds, totals, seen]: [number[], number[], (number | null)[]] = [[], [], []];
    socket.on('build', (build) => builds.push(build.projectId));
    socket.on('queue', ({ total }) => totals.push(total));
    socket.on('machine', ({ job }) => seen.push(job?.id ?? null));
    for (const topic of [`project:${of(hidden).project}`, `build:${of(hidden).build}`, `job:${of(hidden).job}`, `log:${of(hidden).job}`] as const) {
      await expect(subscribe(socket, topic)).rejects.toThrow(/^There is no /);
    }
    for (const topic of ['projects', 'queue', 'machines', `project:${lasting.projectId}`] as const) await subscribe(socket, topic);
    const others = await scenario.start(of(hidden).project);
    const [running] =
      (await until('a job to run', async () => {
        const { jobs } = await scenario.getBuild(others.id);
        return jobs[0]?.startedAt ? jobs : null;
      })) ?? [];
    await scenario.ended(others.id);
    const own = await scenario.ended((await scenario.start(lasting.projectId)).id);
    await until('his own build to be told', async () => (builds.length > 0 && totals.length > 0 ? true : null));
    await until('his own job’s machine to be told', async () => (seen.includes(own.jobs[0]?.id ?? 0) ? true : null));
    expect(new Set(builds)).toEqual(new Set([lasting.projectId]));
    expect(seen).not.toContain(running?.id);
    expect(totals.every((total) => total <= 1)).toBe(true);
  });

  test('hears no more once the role is taken back', async () => {
    const gast = await newcomer(scenario, 'gast', null);
    await giveRole(scenario, of(shown).project, 'gast', 'viewer');
    const socket = connect(gast.cookie);
    await subscribe(socket, `build:${of(shown).build}`);
    const closed = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    expect((await scenario.request('DELETE', `/api/projects/${of(shown).project}/people/${gast.id}`)).status).toBe(204);
    expect(await closed).toBe('io server disconnect');
    expect(await gast.status('GET', `/api/builds/${of(shown).build}`)).toBe(404);
  });

  test('waits in a queue of which he sees his part, with its places', async () => {
    const wait = JSON.stringify({ checkout: false, test: ['echo begun', 'sleep 600'] });
    const jobs = JSON.stringify({ checkout: false, jobs: [1, 2, 3].map((one) => ({ name: `wait ${one}`, test: 'true' })) });
    const block = await scenario.build('block', wait);
    await scenario.said(block.jobs[0]?.id ?? 0, 'begun');
    const [theirs, mine] = [await scenario.build('theirs', jobs), await scenario.build('mine', jobs)];
    await giveRole(scenario, mine.projectId, 'otto', 'developer');
    const queue = QueueView.parse(await outsider.json('GET', '/api/queue'));
    expect(queue.total).toBe(3);
    expect(new Set(queue.entries.map(({ projectId }) => projectId))).toEqual(new Set([mine.projectId]));
    expect(QueueView.parse(await outsider.json('GET', '/api/queue?limit=1')).entries).toHaveLength(1);
    expect(QueueView.parse(await scenario.json('GET', '/api/queue')).total).toBe(6);
    const { machines: seen } = MachinesView.parse(await outsider.json('GET', '/api/machines'));
    expect(seen.flatMap(({ job }) => job ?? [])).toEqual([]);
    for (const build of [block, theirs, mine]) await scenario.json('POST', `/api/builds/${build.id}/cancel`);
    await scenario.ended(block.id);
  });
});

describe('what each role may', () => {
  const ACTIONS: [string, string, (build: BuildView | null) => string, unknown, string][] = [
    ['read the project', 'GET', (build) => `/api/projects/${of(build).project}`, undefined, 'viewer'],
    ['restart a build', 'POST', (build) => `/api/builds/${of(build).build}/restart`, {}, 'developer'],
    ['start a build', 'POST', (build) => `/api/projects/${of(build).project}/builds`, {}, 'developer'],
    ['change its settings', 'PATCH', (build) => `/api/projects/${of(build).project}`, { settings: { pollSeconds: null } }, 'maintainer'],
    ['see its people', 'GET', (build) => `/api/projects/${of(build).project}/people`, undefined, 'maintainer'],
    ['read the audit', 'GET', () => '/api/audit', undefined, 'admin'],
    ['see accounts', 'GET', () => '/api/accounts', undefined, 'admin'],
  ];
  const ORDER = ['viewer', 'developer', 'maintainer', 'admin'] as const;

  test.each(ORDER)('a %s for the installation', async (role) => {
    const person = await newcomer(scenario, `all-${role}`, role);
    for (const [what, method, path, body, needed] of ACTIONS) {
      const status = await person.status(method, path(shown), body);
      const isAllowed = ORDER.indexOf(role) >= ORDER.findIndex((one) => one === needed);
      expect([what, status < 400]).toEqual([what, isAllowed]);
      await scenario.request('POST', `/api/builds/${of(shown).build}/cancel`);
      await scenario.ended(of(shown).build);
    }
  });

  test.each(['viewer', 'developer', 'maintainer'] as const)('a %s of a project, which is none elsewhere', async (role) => {
    const person = await newcomer(scenario, `one-${role}`, null);
    await giveRole(scenario, of(shown).project, person.name, role);
    expect(SessionView.parse(await person.json('GET', '/api/session')).user?.projects).toEqual([{ id: of(shown).project, role }]);
    for (const [what, method, path, body, needed] of ACTIONS) {
      const isAllowed = ORDER.indexOf(role) >= ORDER.findIndex((one) => one === needed);
      expect([what, (await person.status(method, path(shown), body)) < 400]).toEqual([what, isAllowed]);
      expect([what, (await person.status(method, path(hidden), body)) < 400]).toEqual([what, false]);
      await scenario.request('POST', `/api/builds/${of(shown).build}/cancel`);
      await scenario.ended(of(shown).build);
    }
  });
});

describe('a public installation', () => {
  let open: Scenario;
  let build: BuildView;

  beforeAll(async () => {
    open = await Scenario.open(machines(1, {}, { access: { anonymous: 'read' } }));
    build = await open.ended((await open.build('public', '{"checkout": false, "test": "echo to everybody"}')).id);
    await open.json('PATCH', `/api/projects/${build.projectId}`, { secrets: { PYPI_TOKEN: 'never to be told' } });
  });

  afterAll(() => open?.close());

  const bare = (method: string, path: string): Promise<Response> =>
    fetch(open.server.url + path, { method, ...(method === 'GET' ? {} : { headers: { origin: open.server.url } }) });

  test('shows everybody what viewers see, and nothing of secrets', async () => {
    expect(SessionView.parse(await (await bare('GET', '/api/session')).json())).toMatchObject({ user: null, isPublic: true });
    const text = await (await bare('GET', `/api/projects/${build.projectId}`)).text();
    expect(ProjectView.parse(JSON.parse(text))).toMatchObject({ name: 'public', secretNames: [] });
    expect(text).not.toContain('PYPI_TOKEN');
    for (const path of [`/api/builds/${build.id}`, `/api/jobs/${of(build).job}/log`, '/api/queue', '/api/machines', '/api/projects']) {
      expect([path, (await bare('GET', path)).status]).toEqual([path, 200]);
    }
  });

  test('lets nobody change anything, nor see accounts, tokens or the audit', async () => {
    expect((await bare('POST', `/api/builds/${build.id}/restart`)).status).toBe(403);
    for (const path of ['/api/accounts', '/api/audit', `/api/projects/${build.projectId}/people`]) expect((await bare('GET', path)).status).toBe(403);
    for (const path of ['/api/tokens', '/api/account']) expect((await bare('GET', path)).status).toBe(401);
  });

  test('tells everybody what happens, and lets nobody into machines', async () => {
    const socket = connect('', open.server.url);
    const states: string[] = [];
    socket.on('build', ({ state }) => states.push(state));
    await subscribe(socket, 'projects');
    await open.ended((await open.start(build.projectId)).id);
    await until('the build to be told', async () => (states.at(-1) === 'passed' ? true : null));
    const shell = io(`${open.server.url}/shell`, { transports: ['websocket'], forceNew: true, reconnection: false });
    const problem: unknown = await shell.emitWithAck('open', { jobId: of(build).job, term: 'xterm', columns: 80, rows: 24 });
    expect(problem).toContain('needs the role developer');
    shell.disconnect();
  });
});
