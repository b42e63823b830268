import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AccountView, AuditEntry, SessionView } from '#server/api';
import { CLIENT, GithubOauth, type GithubPerson } from '../support/github-oauth.ts';
import { newcomer, Person } from './people.ts';
import { machines, Scenario } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const Away = z.object({ url: z.url() });
const OCTOCAT: GithubPerson = { id: 583_231, login: 'octocat', name: 'The Octocat' };
const MONA: GithubPerson = { id: 1001, login: 'Mona', name: null, organisations: { 'the-frogs': 'active' } };

let github: GithubOauth;
let scenario: Scenario;

beforeAll(async () => {
  github = await GithubOauth.open();
  const allow = { users: ['OctoCat', 4711], organisations: ['toads', 'the-frogs'] };
  const urls = { webUrl: github.url, apiUrl: `${github.url}/api/v3` };
  const signIn = { github: { clientId: CLIENT.id, clientSecret: CLIENT.secret, ...urls, allow, role: 'developer', syncRoles: true } };
  scenario = await Scenario.open(machines(0, {}, { pools: [], signIn }));
});

afterAll(async () => {
  await scenario?.close();
  await github?.close();
});

beforeEach(() => {
  github.person = OCTOCAT;
  github.meanwhile = async () => {};
});

let browsers = 0;

function browser(): Person {
  browsers += 1;
  return new Person(scenario, `browser ${browsers}`);
}

/** From the login page to GitHub and its consent: gives the path that GitHub sends the browser back to. */
async function atGithub(person: Person, body: unknown = {}): Promise<string> {
  const { url } = Away.parse(await person.json('POST', '/api/session/github', body));
  const consent = await fetch(url, { redirect: 'manual' });
  expect([consent.status, github.mistakes]).toEqual([302, []]);
  const back = new URL(consent.headers.get('location') ?? '');
  expect(back.origin).toBe(scenario.server.url);
  return back.pathname + back.search;
}

async function signIn(person: Person, who: GithubPerson | null, body: unknown = {}): Promise<Response> {
  github.person = who;
  return await person.ask('GET', await atGithub(person, body));
}

/** That a browser was not let in, and was told why by a page. */
async function expectRefused(response: Response, person: Person, status: number, sentence: string | RegExp): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('text/html');
  const page = await response.text();
  expect(page).toContain('You are not signed in');
  expect(page).toMatch(sentence);
  expect((await person.session()).user).toBeNull();
}

test('who may come in gets an account by his number, and comes back to it under any login', async () => {
  const person = browser();
  const response = await signIn(person, OCTOCAT, { to: '/machines?pool=1#x' });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/machines?pool=1#x']);
  const { user, hosts } = await person.session();
  expect(hosts).toEqual(['github']);
  expect(user).toMatchObject({ name: 'octocat', displayName: 'The Octocat', role: 'developer', mayShell: false });
  // As listed by his login, which he has given up: he is let in as who he was, if the rules still say so.
  const renamed = browser();
  await expectRefused(await signIn(renamed, { ...OCTOCAT, login: 'octopus' }), renamed, 401, 'octopus is not among those');
  // Somebody else who took that login is another one.
  const impostor = browser();
  expect((await signIn(impostor, { id: 999, login: 'octocat', name: null })).status).toBe(303);
  expect((await impostor.session()).user).toMatchObject({ name: 'octocat-2' });
  expect((await impostor.session()).user?.id).not.toBe(user?.id);
});

test('members of an organisation come in, also under a name that is taken; those who were only asked to join do not', async () => {
  await newcomer(scenario, 'mona', 'viewer');
  const person = browser();
  expect((await signIn(person, MONA)).status).toBe(303);
  expect((await person.session()).user).toMatchObject({ name: 'Mona-2', role: 'developer' });
  const invited = browser();
  const pending: GithubPerson = { id: 1002, login: 'pending', name: null, organisations: { 'the-frogs': 'pending' } };
  await expectRefused(await signIn(invited, pending), invited, 401, 'pending is not among those');
  expect(new Set(github.scopes)).toEqual(new Set(['read:org']));
});

test('a number on the list is whoever has it', async () => {
  const person = browser();
  expect((await signIn(person, { id: 4711, login: 'anything', name: null })).status).toBe(303);
});

describe('nobody is let in', () => {
  test('who does not agree', async () => {
    const person = browser();
    await expectRefused(await signIn(person, null), person, 401, 'You did not agree');
  });

  test('whom no rule lets in; that is written down, and no account is made', async () => {
    const person = browser();
    await expectRefused(await signIn(person, { id: 666, login: 'mallory', name: '<b>' }), person, 401, 'mallory is not among those');
    const accounts = z.array(AccountView).parse(await scenario.json('GET', '/api/accounts'));
    expect(accounts.map(({ name }) => name)).not.toContain('mallory');
    const [entry] = z.array(AuditEntry).parse(await scenario.json('GET', '/api/audit?limit=1'));
    expect(entry).toMatchObject({ who: 'somebody', action: 'sign-in.failed', details: { by: 'github', login: 'mallory' } });
  });

  test('with a state that was used already', async () => {
    const person = browser();
    const back = await atGithub(person);
    expect((await person.ask('GET', back)).status).toBe(303);
    await person.ask('DELETE', '/api/session');
    await expectRefused(await person.ask('GET', back), person, 401, 'did not begin in this browser, or it was used already');
  });

  test('without a state, or with another', async () => {
    const person = browser();
    const back = new URL(await atGithub(person), scenario.server.url);
    back.searchParams.delete('state');
    await expectRefused(await person.ask('GET', back.pathname + back.search), person, 401, 'Begin again');
    const other = new URL(await atGithub(person), scenario.server.url);
    other.searchParams.set('state', 'a-state-that-nobody-gave');
    await expectRefused(await person.ask('GET', other.pathname + other.search), person, 401, 'Begin again');
  });

  test('in a browser in which it did not begin, whether that has begun one itself or not', async () => {
    const [attacker, victim, other] = [browser(), browser(), browser()];
    const back = await atGithub(attacker);
    await expectRefused(await victim.ask('GET', back), victim, 401, 'Begin again');
    await atGithub(other);
    await expectRefused(await other.ask('GET', await atGithub(attacker)), other, 401, 'Begin again');
  });

  test('with a code that was begun with another verifier', async () => {
    const [one, two] = [browser(), browser()];
    const stolen = new URL(await atGithub(one), scenario.server.url).searchParams.get('code') ?? '';
    const back = new URL(await atGithub(two), scenario.server.url);
    back.searchParams.set('code', stolen);
    await expectRefused(await two.ask('GET', back.pathname + back.search), two, 401, 'GitHub did not confirm');
  });

  test('after he was refused at GitHub, with what was left over', async () => {
    const person = browser();
    const back = new URL(await atGithub(person), scenario.server.url);
    const denied = new URL(back);
    denied.searchParams.delete('code');
    denied.searchParams.set('error', 'access_denied');
    await expectRefused(await person.ask('GET', denied.pathname + denied.search), person, 401, 'You did not agree');
    await expectRefused(await person.ask('GET', back.pathname + back.search), person, 401, 'Begin again');
  });

  test('from another site', async () => {
    const person = browser();
    expect((await person.ask('POST', '/api/session/github', {}, { origin: 'http://evil.example' })).status).toBe(403);
  });

  test('whose account is disabled', async () => {
    const person = browser();
    await signIn(person, MONA);
    const id = (await person.session()).user?.id ?? 0;
    await scenario.json('PATCH', `/api/accounts/${id}`, { disabled: true });
    const again = browser();
    await expectRefused(await signIn(again, MONA), again, 401, 'Your account here is disabled');
    await scenario.json('PATCH', `/api/accounts/${id}`, { disabled: false });
  });
});

test('a session from before is not the one after: nobody can have prepared it', async () => {
  const person = browser();
  const back = await atGithub(person);
  const before = person.cookie;
  await person.ask('GET', back);
  expect(person.cookie).not.toBe(before);
  const prepared = browser();
  prepared.cookie = before;
  expect((await prepared.session()).user).toBeNull();
});

test.each(['//evil.example/', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)', '/%0d%0aset-cookie:x', '', '/a b', '/\tevil'])(
  'nobody is led to another site: %j',
  async (to) => {
    const response = await signIn(browser(), OCTOCAT, { to });
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get('location') ?? '', scenario.server.url);
    expect(location.origin).toBe(scenario.server.url);
  },
);

describe('linking', () => {
  const PAUL: GithubPerson = { id: 2002, login: 'paul-at-github', name: null };

  test('lets the owner of an account in who no rule would, until he unlinks it', async () => {
    const paul = await newcomer(scenario, 'paul', 'viewer');
    expect((await signIn(paul, PAUL, { to: '/profile', link: true })).headers.get('location')).toBe('/profile');
    const elsewhere = browser();
    expect((await signIn(elsewhere, PAUL)).status).toBe(303);
    expect((await elsewhere.session()).user?.id).toBe(paul.id);
    expect(await paul.status('DELETE', '/api/account/identities/gitlab')).toBe(404);
    expect(await paul.status('DELETE', '/api/account/identities/github')).toBe(204);
    const later = browser();
    await expectRefused(await signIn(later, PAUL), later, 401, 'not among those');
  });

  test('needs somebody who is signed in, and stays with him', async () => {
    const nobody = browser();
    expect(await nobody.status('POST', '/api/session/github', { link: true })).toBe(401);
    const rita = await newcomer(scenario, 'rita', 'viewer');
    github.person = PAUL;
    const back = await atGithub(rita, { link: true });
    await rita.ask('DELETE', '/api/session');
    await expectRefused(await rita.ask('GET', back), rita, 401, 'Begin again');
  });

  test.each(['confirms', 'does not confirm'])('is nothing any more for who is signed out everywhere before GitHub %s it', async (answer) => {
    const una = await newcomer(scenario, `una-${answer.length}`, 'viewer');
    const elsewhere = new Person(scenario, una.name);
    expect((await elsewhere.signIn()).status).toBe(200);
    github.person = { id: 5000 + answer.length, login: 'una-at-github', name: null };
    const back = new URL(await atGithub(una, { link: true }), scenario.server.url);
    if (answer !== 'confirms') back.searchParams.set('code', 'of-nobody');
    github.meanwhile = async () => expect(await elsewhere.status('DELETE', '/api/account/sessions')).toBe(204);
    const sentence = answer === 'confirms' ? 'You were signed out here meanwhile' : 'GitHub did not confirm';
    await expectRefused(await una.ask('GET', back.pathname + back.search), una, 401, sentence);
    expect((await elsewhere.session()).user).not.toBeNull();
    const later = browser();
    await expectRefused(await signIn(later, github.person), later, 401, 'not among those');
  });

  test('makes nobody two, nor two one', async () => {
    const [sara, tom] = [await newcomer(scenario, 'sara', 'viewer'), await newcomer(scenario, 'tom', 'viewer')];
    const sarah: GithubPerson = { id: 3003, login: 'sarah', name: null };
    expect((await signIn(sara, sarah, { link: true })).status).toBe(303);
    expect((await signIn(tom, sarah, { link: true })).status).toBe(409);
    expect((await signIn(sara, { ...sarah, id: 3004 }, { link: true })).status).toBe(409);
  });

  test('is kept where it is the only way in', async () => {
    const person = browser();
    await signIn(person, { id: 4711, login: 'anything', name: null });
    expect(await person.status('DELETE', '/api/account/identities/github')).toBe(409);
    expect(await person.status('POST', '/api/account/password', { password: 'a first long password' })).toBe(204);
    expect(await person.status('DELETE', '/api/account/identities/github')).toBe(204);
  });
});

test('where it is not configured, no button is shown and nothing begins', async () => {
  const plain = await Scenario.open(machines(0, {}, { pools: [] }));
  try {
    const person = new Person(plain, 'somebody');
    expect(SessionView.parse(await person.json('GET', '/api/session')).hosts).toEqual([]);
    expect(await person.status('POST', '/api/session/github', {})).toBe(404);
  } finally {
    await plain.close();
  }
});

test('GitHub was asked for nothing that it does not document, and the server’s log has no secret', async () => {
  expect(github.mistakes).toEqual([]);
  const output = await scenario.server.output();
  expect(output).not.toContain(CLIENT.secret);
  expect(output).not.toMatch(/gho_[0-9a-f]/);
});
