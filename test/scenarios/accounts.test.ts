import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AccountView, AuditEntry, Invitation, OwnSession, Problem, ProfileView, TokenView } from '#server/api';
import { runCli } from '../../server/src/cli/run-cli.ts';
import { invite, newcomer, PASSWORD, Person } from './people.ts';
import { machines, Scenario, subscribe } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(0, {}, { pools: [] }));
});

afterAll(() => scenario?.close());

async function problemOf(response: Response): Promise<Problem> {
  return Problem.parse(await response.json());
}

async function audit(): Promise<string[]> {
  const entries = z.array(AuditEntry).parse(await scenario.json('GET', '/api/audit?limit=500'));
  return entries.map(({ who, action, target }) => `${who}: ${action} ${target}`);
}

describe('an invitation', () => {
  test('lets somebody set a password once, and signs him in', async () => {
    const { account, invitation } = await invite(scenario, 'Anna', 'developer');
    expect(account).toMatchObject({ name: 'Anna', role: 'developer', hasPassword: false, seenAt: null });
    const anna = new Person(scenario, 'anna');
    expect(await anna.json('POST', '/api/invitations/read', { code: invitation.code })).toEqual({ name: 'Anna', displayName: '' });
    expect(await anna.status('POST', '/api/invitations/accept', { code: invitation.code, password: 'too short' })).toBe(400);
    await anna.json('POST', '/api/invitations/accept', { code: invitation.code, password: PASSWORD });
    expect((await anna.session()).user).toMatchObject({ name: 'Anna', role: 'developer', mayShell: false, projects: [] });
    const again = await anna.ask('POST', '/api/invitations/accept', { code: invitation.code, password: PASSWORD });
    expect([again.status, (await problemOf(again)).detail]).toEqual([401, expect.stringContaining('used already')]);
    expect(await audit()).toEqual(expect.arrayContaining(['admin: account.add account Anna', 'Anna: sign-in account Anna']));
  });

  test('is void once there is another; a link to sign in is no invitation, nor the other way round', async () => {
    const { account, invitation } = await invite(scenario, 'berta', 'viewer');
    const next = Invitation.parse(await scenario.json('POST', `/api/accounts/${account.id}/invitation`));
    const berta = new Person(scenario, 'berta');
    expect(await berta.status('POST', '/api/invitations/read', { code: invitation.code })).toBe(401);
    expect(await berta.status('POST', '/api/session', { login: next.code })).toBe(401);
    expect(await berta.status('POST', '/api/invitations/read', { code: next.code })).toBe(200);
    const code = /login\?code=(\S+)/.exec(await scenario.server.output())?.[1] ?? '';
    expect(await berta.status('POST', '/api/invitations/accept', { code, password: PASSWORD })).toBe(401);
  });

  test('is accepted only from our own pages', async () => {
    const { invitation } = await invite(scenario, 'caesar', 'viewer');
    const caesar = new Person(scenario, 'caesar');
    const elsewhere = await caesar.ask(
      'POST',
      '/api/invitations/accept',
      { code: invitation.code, password: PASSWORD },
      { origin: 'http://evil.example' },
    );
    expect(elsewhere.status).toBe(403);
  });
});

describe('a name and a password', () => {
  test('sign in under a new session; the name in any case', async () => {
    const dora = await newcomer(scenario, 'dora', 'viewer');
    const first = dora.cookie;
    const other = new Person(scenario, 'DORA');
    other.cookie = first;
    expect((await other.signIn()).status).toBe(200);
    expect(other.cookie).not.toBe(first);
    expect((await other.session()).user?.name).toBe('dora');
    // What the browser had before is over: nobody can have prepared it.
    expect((await dora.session()).user).toBeNull();
  });

  test('that do not fit, a name that is not there, an account without a password and a disabled one are told apart in nothing', async () => {
    await newcomer(scenario, 'emil', 'viewer');
    await invite(scenario, 'frida', 'viewer');
    const gone = await newcomer(scenario, 'gustav', 'viewer');
    await scenario.json('PATCH', `/api/accounts/${gone.id}`, { disabled: true });
    const answers = await Promise.all(
      [
        ['emil', 'not the password'],
        ['nobody', PASSWORD],
        ['frida', PASSWORD],
        ['gustav', PASSWORD],
      ].map(async ([name = '', password = '']) => {
        const response = await new Person(scenario, name).signIn(password);
        const { detail, status, title } = await problemOf(response);
        return { detail, status, title, cookie: response.headers.get('set-cookie') };
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, cookie: null });
    expect(await audit()).toEqual(
      expect.arrayContaining(['somebody: sign-in.failed account emil', 'somebody: sign-in.failed an account that is not there']),
    );
  });

  test('too many failures are answered with how long to wait, right password or not, account or not', async () => {
    const hans = await newcomer(scenario, 'hans', 'viewer');
    for (const name of ['hans', 'nobody-at-all']) {
      const guesser = new Person(scenario, name);
      const statuses: number[] = [];
      for (let count = 0; count < 7; count += 1) statuses.push((await guesser.signIn('not the password')).status);
      expect(statuses.slice(0, 6)).toEqual([401, 401, 401, 401, 401, 401]);
      const refused = await guesser.signIn(PASSWORD);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await problemOf(refused)).detail).toContain('The next try is possible in');
    }
    // Who is in stays in.
    expect((await hans.session()).user?.name).toBe('hans');
  });

  test('of another site are not taken', async () => {
    const person = new Person(scenario, 'dora');
    const response = await person.ask('POST', '/api/session', { name: 'dora', password: PASSWORD }, { origin: 'http://evil.example' });
    expect(response.status).toBe(403);
  });
});

describe("one's own account", () => {
  test('a new password needs the old one, and signs out everywhere else', async () => {
    const ida = await newcomer(scenario, 'ida', 'viewer');
    const phone = new Person(scenario, 'ida', 'a telephone');
    await phone.signIn();
    expect(await ida.status('POST', '/api/account/password', { password: 'another long password' })).toBe(401);
    expect(await ida.status('POST', '/api/account/password', { current: 'wrong', password: 'another long password' })).toBe(401);
    expect(await ida.status('POST', '/api/account/password', { current: PASSWORD, password: 'aaaaaaaaaaaaaaaa' })).toBe(400);
    expect(await ida.status('POST', '/api/account/password', { current: PASSWORD, password: 'another long password' })).toBe(204);
    expect((await phone.session()).user).toBeNull();
    expect((await ida.session()).user?.name).toBe('ida');
    expect((await phone.signIn()).status).toBe(401);
    expect((await phone.signIn('another long password')).status).toBe(200);
  });

  test('lists its browsers without their secrets, and ends them', async () => {
    const jan = await newcomer(scenario, 'jan', 'viewer');
    const phone = new Person(scenario, 'jan', 'a telephone');
    await phone.signIn();
    const sessions = z.array(OwnSession).parse(await jan.json('GET', '/api/account/sessions'));
    expect(new Map(sessions.map(({ agent, isThis }) => [agent, isThis]))).toEqual(
      new Map(Object.entries({ 'a browser': true, 'a telephone': false })),
    );
    const secret = decodeURIComponent(phone.cookie).split(/[:.]/)[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(JSON.stringify(sessions)).not.toContain(secret);
    const other = sessions.find(({ isThis }) => !isThis)?.id ?? '';
    const stranger = await newcomer(scenario, 'karl', 'admin');
    expect(await stranger.status('DELETE', `/api/account/sessions/${other}`)).toBe(404);
    expect(await jan.status('DELETE', `/api/account/sessions/${other}`)).toBe(204);
    expect(await phone.status('GET', '/api/account')).toBe(401);
    await phone.signIn();
    expect(await jan.status('DELETE', '/api/account/sessions')).toBe(204);
    expect(await phone.status('GET', '/api/account')).toBe(401);
    expect(ProfileView.parse(await jan.json('GET', '/api/account')).name).toBe('jan');
  });

  test('belongs to its owner: no token with less than all his rights reaches it', async () => {
    const lena = await newcomer(scenario, 'lena', 'maintainer');
    const [little, all] = [await lena.token('little', ['maintain']), await lena.token('all', ['admin'])];
    const ask = async (token: string): Promise<number> =>
      (await scenario.request('GET', '/api/account', undefined, { authorization: `Bearer ${token}` })).status;
    expect([await ask(little.token), await ask(all.token)]).toEqual([403, 200]);
    expect(ProfileView.parse(await lena.json('PATCH', '/api/account', { displayName: 'Lena L.' })).displayName).toBe('Lena L.');
  });
});

describe('a token', () => {
  test('may no more than its owner, whatever its scopes say, and less at once when he may less', async () => {
    const mona = await newcomer(scenario, 'mona', 'maintainer');
    const { token } = await mona.token('wide', ['admin']);
    const status = async (method: string, path: string, body?: unknown): Promise<number> =>
      (await scenario.request(method, path, body, { authorization: `Bearer ${token}` })).status;
    expect(await status('GET', '/api/accounts')).toBe(403);
    expect(await status('POST', '/api/projects', { url: '/nonexistent/x' })).not.toBe(403);
    await scenario.json('PATCH', `/api/accounts/${mona.id}`, { role: 'viewer' });
    expect(await status('POST', '/api/projects', { url: '/nonexistent/x' })).toBe(403);
    expect(await status('GET', '/api/projects')).toBe(200);
  });

  test('has an end, 90 days from now unless told otherwise, a year at most', async () => {
    const nils = await newcomer(scenario, 'nils', 'viewer');
    const { view } = await nils.token('usual', ['read']);
    const days = (Date.parse(view.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(90, 1);
    const refused = await nils.ask('POST', '/api/tokens', { name: 'x', expiresInDays: 366 });
    expect([refused.status, (await problemOf(refused)).detail]).toEqual([400, 'A token is valid for 365 days at most here, not for 366.']);
  });

  test('is seen and taken back by its owner and by admins', async () => {
    const [olga, paul] = [await newcomer(scenario, 'olga', 'viewer'), await newcomer(scenario, 'paul', 'viewer')];
    const { view } = await olga.token('hers', ['read']);
    const names = async (person: Person): Promise<string[]> =>
      z
        .array(TokenView)
        .parse(await person.json('GET', '/api/tokens'))
        .map(({ name }) => name);
    expect([await names(olga), await names(paul)]).toEqual([['hers'], []]);
    expect(await paul.status('GET', '/api/tokens?of=all')).toBe(403);
    expect(await paul.status('DELETE', `/api/tokens/${view.id}`)).toBe(404);
    expect(JSON.stringify(await scenario.json('GET', '/api/tokens?of=all'))).toContain('"olga"');
    expect((await scenario.request('DELETE', `/api/tokens/${view.id}`)).status).toBe(204);
    expect(await names(olga)).toEqual([]);
    expect(await audit()).toEqual(expect.arrayContaining(['olga: token.make account olga', 'admin: token.remove account olga']));
  });

  test('gives no right that its maker has not: not to shells, not to projects he cannot see', async () => {
    const quentin = await newcomer(scenario, 'quentin', null);
    expect(await quentin.status('POST', '/api/tokens', { name: 'x', scopes: ['shell'] })).toBe(403);
    const project = await scenario.project('unseen', '{"test": "true"}');
    expect(await quentin.status('POST', '/api/tokens', { name: 'x', projects: [project.id] })).toBe(404);
  });
});

describe('an account that is disabled', () => {
  test('is out at once, with its browsers, its tokens and what was opened with them', async () => {
    const rosa = await newcomer(scenario, 'rosa', 'viewer');
    const { token } = await rosa.token('live', ['read']);
    const socket = scenario.socket(token);
    await subscribe(socket, 'queue');
    const closed = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    const account = AccountView.parse(await scenario.json('PATCH', `/api/accounts/${rosa.id}`, { disabled: true }));
    expect(account.disabled).toBe(true);
    expect(await closed).toBe('io server disconnect');
    socket.disconnect();
    expect(await rosa.status('GET', '/api/projects')).toBe(401);
    expect((await scenario.request('GET', '/api/projects', undefined, { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await scenario.request('POST', `/api/accounts/${rosa.id}/invitation`)).status).toBe(409);
    await scenario.json('PATCH', `/api/accounts/${rosa.id}`, { disabled: false });
    expect((await scenario.request('GET', '/api/projects', undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(await rosa.status('GET', '/api/projects')).toBe(401);
  });

  test('the first one cannot be, nor be anything but an admin: there is always a way in', async () => {
    expect((await scenario.request('PATCH', '/api/accounts/1', { disabled: true })).status).toBe(409);
    expect((await scenario.request('PATCH', '/api/accounts/1', { role: 'viewer' })).status).toBe(409);
    expect((await scenario.request('PATCH', '/api/accounts/1', { role: 'admin', displayName: 'The boss' })).status).toBe(200);
  });
});

describe('terrarium account', () => {
  async function terrarium(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ['', ''];
    const io = {
      out: async (text: string) => void (out += text),
      err: async (text: string) => void (err += text),
      colors: false,
      width: null,
      cwd: '/',
    };
    const env = { TERRARIUM_URL: scenario.server.url, TERRARIUM_TOKEN: scenario.server.token };
    return { code: await runCli(['account', ...args], { ...io, env }), out, err };
  }

  test('adds, lists, changes and disables accounts of a server, and makes links', async () => {
    const added = await terrarium('add', 'Zoe', '--role', 'none', '--full-name', 'Zoë Z.', '--shells');
    expect(added).toMatchObject({ code: 0, err: '' });
    const code = /invitation\?code=(\S+)/.exec(added.out)?.[1] ?? '';
    const zoe = new Person(scenario, 'zoe');
    await zoe.json('POST', '/api/invitations/accept', { code, password: PASSWORD });
    expect((await zoe.session()).user).toMatchObject({ name: 'Zoe', displayName: 'Zoë Z.', role: null, mayShell: true });
    expect((await terrarium('role', 'zoe', 'developer')).out).toMatch(/Zoe +developer +yes +password/);
    expect((await terrarium('list')).out).toMatch(/^admin +admin/m);
    expect((await terrarium('password', 'zoe')).out).toContain(`${scenario.server.url}/invitation?code=`);
    expect((await terrarium('disable', 'zoe')).out).toContain('(disabled)');
    expect(await zoe.status('GET', '/api/account')).toBe(401);
    expect((await terrarium('enable', 'zoe')).out).not.toContain('(disabled)');
    expect(await terrarium('disable', 'nobody-here')).toMatchObject({ code: 1, err: expect.stringContaining('There is no account nobody-here') });
    expect(await terrarium('disable', 'admin')).toMatchObject({ code: 1, err: expect.stringContaining('stays an admin') });
  });
});

test('whoever asks too much is told when to go on', async () => {
  const busy = await Scenario.open(machines(0, {}, { pools: [], access: { requestsPerMinute: 10 } }));
  try {
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await busy.request('GET', '/api/projects')).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    const refused = await busy.request('GET', '/api/projects');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${busy.server.url}/api/health`)).status).toBe(200);
  } finally {
    await busy.close();
  }
});
