import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Contributor, Repository } from '#plugins/api';
import type { FakeAccount, FakeRepository } from './testing/fake-state.ts';
import { byApp, byToken, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

function who({ id, login }: FakeAccount): Contributor {
  return { id: String(id), name: login };
}

describe.each([
  ['a token', byToken],
  ['an App', byApp],
])('people, by %s', (_, way) => {
  let subject: Subject;
  let demo: FakeRepository;
  let repository: Repository;
  let bob: FakeAccount;

  beforeEach(async () => {
    subject = await startSubject(way);
    const { github } = subject;
    demo = await github.createRepository('ada/demo');
    github.install('ada');
    repository = { url: `${github.url}/ada/demo`, credentials: null };
    bob = github.addUser('bob');
  });
  afterEach(() => subject.close());

  /** `bob`, as somebody who read his name before the account was given up and taken by somebody else. */
  function otherBob(): Contributor {
    const before = who(bob);
    bob.login = 'bob-who-left';
    subject.github.state.accounts.delete('bob');
    subject.github.state.accounts.set('bob-who-left', bob);
    subject.github.addUser('bob');
    return before;
  }

  it('are found by the name that they have now', async () => {
    const { people } = subject.provider;
    expect(await people.find('BOB', signal)).toEqual(who(bob));
    expect(await people.find('nobody', signal)).toBeNull();
    subject.github.addUser('helper[bot]', 'Bot');
    expect(await people.find('helper[bot]', signal)).toMatchObject({ name: 'helper[bot]' });
  });

  it.each(['', 'bоb', 'bob ', '../ada', 'a/b', '-x', 'x'.repeat(200)])('are not even looked for under %j', async (name) => {
    const { people } = subject.provider;
    expect(await people.find(name, signal)).toBeNull();
    expect(await people.permission(repository, { id: null, name }, signal)).toBe('none');
    expect(await people.isMember(repository, 'ada', { id: null, name }, signal)).toBe(false);
    expect(await people.hasMerged(repository, { id: null, name }, signal)).toBe(false);
    expect(subject.github.requests.filter(({ what }) => /users|collaborators|members|search/.test(what))).toEqual([]);
  });

  it.each([
    ['admin', 'admin'],
    ['maintain', 'write'],
    ['write', 'write'],
    ['triage', 'read'],
    ['read', 'read'],
    ['none', 'none'],
  ] as const)('with the role %s may %s', async (role, expected) => {
    demo.collaborators.set('bob', role);
    expect(await subject.provider.people.permission(repository, who(bob), signal)).toBe(expected);
  });

  it.each([
    ['maintain', 'write'],
    ['triage', 'read'],
    ['emperor', 'none'],
  ])('are not given more where GitHub names the role %s itself', async (role, expected) => {
    const answer = { status: 200, body: { permission: role, user: { id: bob.id, login: 'bob' } } };
    subject.github.script({ what: 'GET /repos/ada/demo/collaborators/bob/permission', answer });
    expect(await subject.provider.people.permission(repository, who(bob), signal)).toBe(expected);
  });

  it('may nothing where the account is gone, and nobody may anything in what is not there', async () => {
    const { people } = subject.provider;
    expect(await people.permission(repository, { id: '1', name: 'nobody' }, signal)).toBe('none');
    const missing = { url: `${subject.github.url}/ada/missing`, credentials: null };
    await expect(people.permission(missing, who(bob), signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are members of an organisation, seen or not, and of a team once they have accepted', async () => {
    const { github, provider } = subject;
    const organization = github.addOrganization('guild');
    github.install('guild');
    organization.members.set('bob', 'private').set('ada', 'private');
    organization.teams.set('core', new Map([['bob', 'active']])).set('new', new Map([['bob', 'pending']]));
    const isMember = (group: string): Promise<boolean> => provider.people.isMember(repository, group, who(bob), signal);
    for (const group of ['guild', 'GUILD', 'guild/core']) expect(await isMember(group), group).toBe(true);
    for (const group of ['guild/new', 'guild/none', 'nowhere']) expect(await isMember(group), group).toBe(false);
    for (const group of ['', 'a/b/c', '../x', 'guild/', 'gu ild']) await expect(isMember(group)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('are members that everybody sees, where we are none', async () => {
    const { github, provider } = subject;
    const organization = github.addOrganization('guild');
    github.addUser('carol');
    organization.members.set('bob', 'public').set('carol', 'private');
    github.state.installations[0] = github.install('ada', { metadata: 'read', contents: 'read' });
    expect(await provider.people.isMember(repository, 'guild', who(bob), signal)).toBe(true);
    const carol = await provider.people.find('carol', signal);
    expect(carol && (await provider.people.isMember(repository, 'guild', carol, signal))).toBe(false);
  });

  it('have merged something, or only proposed it', async () => {
    const { github, provider } = subject;
    await demo.workshop.commit('main', { a: 'a' });
    const pull = await github.openPullRequest(demo, bob, { b: 'b' });
    expect(await provider.people.hasMerged(repository, who(bob), signal)).toBe(false);
    pull.isMerged = true;
    expect(await provider.people.hasMerged(repository, who(bob), signal)).toBe(true);
    expect(await provider.people.hasMerged(repository, { id: null, name: 'bob' }, signal)).toBe(true);
  });

  it('are not told to have merged nothing by a search that broke off', async () => {
    const answer = { status: 200, body: { total_count: 0, incomplete_results: true, items: [] } };
    subject.github.script({ what: 'GET /search/issues', answer });
    await expect(subject.provider.people.hasMerged(repository, who(bob), signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('are not taken for whoever took their name', async () => {
    const { github, provider } = subject;
    demo.collaborators.set('bob', 'admin');
    const organization = github.addOrganization('guild');
    github.install('guild');
    organization.members.set('bob', 'public').set('ada', 'public');
    organization.teams.set('core', new Map([['bob', 'active']]));
    await demo.workshop.commit('main', { a: 'a' });
    const before = otherBob();
    const usurper = await provider.people.find('bob', signal);
    expect(usurper).not.toEqual(before);
    const pull = await github.openPullRequest(demo, github.state.account('bob') ?? bob, { b: 'b' });
    pull.isMerged = true;
    const { people } = provider;
    expect(await people.permission(repository, before, signal)).toBe('none');
    expect(await people.isMember(repository, 'guild', before, signal)).toBe(false);
    expect(await people.isMember(repository, 'guild/core', before, signal)).toBe(false);
    expect(await people.hasMerged(repository, before, signal)).toBe(false);
  });
});
