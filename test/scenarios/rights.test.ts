import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type BuildSummary, isVerdict, MachinesView, TokenView } from '#server/api';
import { type LiveSocket, machines, Scenario, subscribe, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** As a proxy with TLS passes requests of our own pages on. */
const PAGE = { 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
const Created = z.object({ token: z.string(), view: TokenView });

let scenario: Scenario;
const sockets: LiveSocket[] = [];

beforeAll(async () => {
  scenario = await Scenario.open(machines(1), { environment: { TERRARIUM_URL: 'https://ci.example.org' } });
});

afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await scenario?.close();
});

function open(token: string): LiveSocket {
  const socket = scenario.socket(token);
  sockets.push(socket);
  return socket;
}

function closing(socket: LiveSocket): Promise<string> {
  return new Promise((resolve) => socket.once('disconnect', resolve));
}

test('a removed token closes what was opened with it, and nothing else', async () => {
  const created = Created.parse(await scenario.json('POST', '/api/tokens', { name: 'phone' }));
  const [revoked, other] = [open(created.token), open(scenario.server.token)];
  await subscribe(revoked, 'queue');
  await subscribe(other, 'queue');
  // A client cannot get out of the way of that.
  revoked.emit('unsubscribe', `token:${created.view.id}` as 'queue');
  await subscribe(revoked, 'machines');
  const closed = closing(revoked);
  expect((await scenario.request('DELETE', `/api/tokens/${created.view.id}`)).status).toBe(204);
  expect(await closed).toBe('io server disconnect');
  await subscribe(other, 'machines');
  expect(other.connected).toBe(true);
});

test('who signs out is no longer told anything; the session of a public address by https is sent only over that', async () => {
  const code = /login\?code=(\S+)/.exec(await scenario.server.output())?.[1] ?? '';
  const signedIn = await fetch(`${scenario.server.url}/api/session`, { method: 'POST', headers: PAGE, body: JSON.stringify({ login: code }) });
  const set = signedIn.headers.get('set-cookie') ?? '';
  expect(set).toMatch(/; Secure;/);
  const cookie = set.split(';')[0] ?? '';
  const socket: LiveSocket = io(scenario.server.url, {
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { cookie, 'x-forwarded-proto': 'https', origin: 'https://ci.example.org' },
  });
  sockets.push(socket);
  await subscribe(socket, 'queue');
  const closed = closing(socket);
  expect((await fetch(`${scenario.server.url}/api/session`, { method: 'DELETE', headers: { ...PAGE, cookie } })).status).toBe(204);
  expect(await closed).toBe('io server disconnect');
});

test('who watches a job hears of its build, and who watches machines hears their end', async () => {
  const [machine] = await until('a ready machine', async () => {
    const ready = MachinesView.parse(await scenario.json('GET', '/api/machines')).machines.filter(({ state }) => state === 'ready');
    return ready.length > 0 ? ready : null;
  });
  const socket = open(scenario.server.token);
  const [builds, states]: [BuildSummary[], string[]] = [[], []];
  socket.on('build', (build) => builds.push(build));
  socket.on('machine', (event) => event.id === machine?.id && states.push(event.state));
  await subscribe(socket, 'machines');
  await expect(subscribe(socket, 'job:2147483647')).rejects.toThrow('There is no job 2147483647.');
  const build = await scenario.build('watched', '{"checkout": false, "test": "sleep 2"}');
  await subscribe(socket, `job:${build.jobs[0]?.id ?? 0}`);
  await scenario.ended(build.id);
  await until("the build's end", async () => (builds.some((one) => one.id === build.id && isVerdict(one.state)) ? true : null));
  await until("the machine's end", async () => (states.at(-1) === 'gone' ? true : null));
});
