import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Contributor, Repository } from '#plugins/api';
import type { FakeRepository, FakeUser } from './testing/fake-state.ts';
import { FLAVOURS, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe.each(FLAVOURS)('people at %s', (flavour) => {
  let subject: Subject;
  let kept: FakeRepository;
  let repository: Repository;
  let ada: FakeUser;
  let eve: FakeUser;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    const { host } = subject;
    // Those whose names hold hers come first in every list.
    for (const name of ['not-ada', 'ada2']) host.createUser(name);
    ada = host.createUser('ada');
    eve = host.createUser('eve');
    kept = await host.createRepository('PROJ', 'demo');
    repository = subject.named(kept);
  });
  afterEach(() => subject.close());

  const idOf = (user: FakeUser): string => (flavour === 'cloud' ? user.uuid : String(user.id));
  const who = (user: FakeUser): Contributor => ({ id: idOf(user), name: user.name });
  const permission = async (user: Contributor): Promise<string> => subject.provider.people.permission(repository, user, signal);

  it('may what they were given', async () => {
    for (const user of subject.host.users) kept.permissions.set(user, 'admin');
    for (const level of ['read', 'write', 'admin'] as const) {
      kept.permissions.set(ada, level);
      expect(await permission(who(ada))).toBe(level);
    }
    kept.permissions.delete(ada);
    expect(await permission(who(ada))).toBe('none');
    expect(await permission({ id: flavour === 'cloud' ? `{${'0'.repeat(36)}}` : '999', name: 'ada' })).toBe('none');
  });

  it('do not inherit what another of that name had', async () => {
    kept.permissions.set(ada, 'admin');
    expect(await permission({ id: idOf(eve), name: 'ada' })).toBe('none');
    expect(await permission({ id: null, name: 'ad\u0430' })).toBe('none');
    expect(await permission({ id: null, name: 'Ada' })).toBe(flavour === 'cloud' ? 'none' : 'admin');
    expect(await permission({ id: '{x" OR permission="admin', name: 'ada' })).toBe('none');
  });

  it('are members of what they have joined', async () => {
    const { host, provider } = subject;
    host.join('makers', ada);
    expect(await provider.people.isMember(repository, 'makers', who(ada), signal)).toBe(true);
    expect(await provider.people.isMember(repository, 'makers', who(eve), signal)).toBe(false);
    expect(await provider.people.isMember(repository, 'others', who(ada), signal)).toBe(false);
    const nobody = { id: null, name: 'nobody' };
    expect(await provider.people.isMember(repository, 'makers', nobody, signal)).toBe(false);
    if (flavour === 'cloud')
      await expect(provider.people.isMember(repository, 'makers/core', who(ada), signal)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('have merged once a pull request of theirs was', async () => {
    const { host, provider } = subject;
    await kept.commit('main', { 'a.txt': '1' });
    const request = async (author: FakeUser, branch: string): ReturnType<typeof host.openPullRequest> => {
      await kept.commit(branch, { 'a.txt': branch });
      return host.openPullRequest({ title: branch, author, from: kept, branch, to: kept, base: 'main' });
    };
    const merged = async (user: Contributor): Promise<boolean> => provider.people.hasMerged(repository, user, signal);
    (await request(eve, 'declined')).state = 'DECLINED';
    const first = await request(ada, 'first');
    expect([await merged(who(ada)), await merged(who(eve))]).toEqual([false, false]);
    first.state = 'MERGED';
    expect([await merged(who(ada)), await merged(who(eve))]).toEqual([true, false]);
    expect(await merged({ id: idOf(eve), name: 'ada' })).toBe(false);
    host.ignoresFilters = true;
    expect([await merged(who(ada)), await merged(who(eve))]).toEqual([true, false]);
  });

  it('are found by name', async () => {
    const { host, provider } = subject;
    host.join('PROJ', eve);
    host.join('PROJ', ada);
    expect(await provider.people.find('ada', signal)).toEqual(who(ada));
    expect(await provider.people.find('nobody', signal)).toBeNull();
  });
});

describe('people at Bitbucket Cloud alone', () => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await startSubject('cloud', { workspaces: ['makers'] });
  });
  afterEach(() => subject.close());

  it('are found by uuid and account id, whoever they are', async () => {
    const { host, provider } = subject;
    const ada = host.createUser('ada');
    expect(await provider.people.find(ada.uuid, signal)).toEqual({ id: ada.uuid, name: 'ada' });
    expect(await provider.people.find(ada.accountId, signal)).toEqual({ id: ada.uuid, name: 'ada' });
    expect(await provider.people.find(`{${'0'.repeat(36)}}`, signal)).toBeNull();
  });

  it('are found by nickname in the configured workspaces only, and not where several have it', async () => {
    const { host, provider } = subject;
    const [ada, other] = [host.createUser('ada'), host.createUser('ada')];
    host.join('others', ada);
    expect(await provider.people.find('ada', signal)).toBeNull();
    host.join('makers', ada);
    expect(await provider.people.find('ada', signal)).toEqual({ id: ada.uuid, name: 'ada' });
    host.join('makers', other);
    expect(await provider.people.find('ada', signal)).toBeNull();
  });

  it('are looked for in what a host gives out that does not filter', async () => {
    const { host, provider, named } = subject;
    const [ada, eve] = [host.createUser('ada'), host.createUser('eve')];
    const kept = await host.createRepository('makers', 'demo');
    kept.permissions.set(eve, 'admin').set(host.createUser('mallory'), 'admin').set(ada, 'read');
    host.ignoresFilters = true;
    expect(await provider.people.permission(named(kept), { id: ada.uuid, name: 'ada' }, signal)).toBe('read');
  });
});
