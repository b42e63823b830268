import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostEvent, PullRequest, Repository } from '#plugins/api';
import { layOut } from '#plugins/api/testing';
import { git } from '#plugins/kit/testing/git-host';
import type { FakePullRequest, FakeRepository, FakeUser } from './testing/fake-state.ts';
import { FLAVOURS, TOKEN, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe.each(FLAVOURS)('pull requests at %s', (flavour) => {
  let subject: Subject;
  let base: FakeRepository;
  let fork: FakeRepository;
  let eve: FakeUser;
  let request: FakePullRequest;
  let repository: Repository;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    const { host } = subject;
    eve = host.createUser('eve');
    base = await host.createRepository('PROJ', 'demo');
    await base.commit('main', { 'a.txt': '1' }, 'first');
    fork = await host.fork(base, 'EVE');
    await fork.commit('typo', { 'a.txt': '2' }, 'correct a typo');
    request = await host.openPullRequest({ title: 'A typo', author: eve, from: fork, branch: 'typo', to: base, base: 'main' });
    repository = subject.named(base);
  });
  afterEach(() => subject.close());

  const told = (): PullRequest => {
    const event: HostEvent = subject.provider.webhooks.parse(subject.courier.pullRequestDelivery(request, 'opened', eve));
    if (event.kind !== 'pull-request') throw new Error(`that is ${event.kind}`);
    expect(event.repository).toBe(subject.provider.identify(repository.url));
    return event.pullRequest;
  };

  it('are got with full ids', async () => {
    expect(await subject.provider.pullRequests.get(repository, 1, signal)).toEqual({
      number: 1,
      title: 'A typo',
      author: { id: flavour === 'cloud' ? eve.uuid : String(eve.id), name: 'eve' },
      baseBranch: 'main',
      baseCommit: base.branches.get('main'),
      headBranch: 'typo',
      headCommit: request.head,
      headRepository: 'EVE/demo',
      headRef: flavour === 'cloud' ? null : 'refs/pull-requests/1/from',
      headUrl: flavour === 'cloud' ? subject.host.cloneUrl(fork) : null,
      isOpen: true,
      webUrl: expect.stringContaining('/pull-requests/1'),
    });
    await expect(subject.provider.pullRequests.get(repository, 9, signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are listed while they are open, newest first, over several pages', async () => {
    for (const branch of ['second', 'third', 'fourth']) {
      await fork.commit(branch, { 'a.txt': branch });
      await subject.host.openPullRequest({ title: branch, author: eve, from: fork, branch, to: base, base: 'main' });
    }
    request.state = 'DECLINED';
    const open = await subject.provider.pullRequests.open(repository, signal);
    expect(open.map(({ number, headCommit }) => [number, headCommit.length])).toEqual([
      [4, 40],
      [3, 40],
      [2, 40],
    ]);
    const before = subject.host.requests.length;
    await subject.provider.pullRequests.open(repository, signal);
    expect(subject.host.requests.length - before).toBe(2);
  });

  it('can be written to', async () => {
    await subject.provider.pullRequests.comment?.(repository, 1, 'Waits for approval.', signal);
    expect(request.comments).toEqual([{ by: null, text: 'Waits for approval.' }]);
  });

  it('are built as a webhook tells of them, also after a restart', async () => {
    const change = await subject.provider.change(repository, { kind: 'pull-request', pullRequest: told() }, signal);
    expect(change).toMatchObject({ kind: 'pull-request', branch: 'main', commit: request.head, message: 'correct a typo' });
    expect(change.pullRequest).toMatchObject({ number: 1, headCommit: request.head, headRepository: 'EVE/demo', author: { name: 'eve' } });
    const restarted = subject.again();
    expect([...(await restarted.readFiles(repository, change.commit, ['a.txt'], signal))]).toEqual([['a.txt', '2']]);
    const tree = await layOut(await restarted.checkout(repository, change, { depth: null, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('2');
    expect((await git(tree.folder, 'log', '--format=%s')).split('\n')).toEqual(['correct a typo', 'first']);
    await tree.remove();
  });

  it('are built at just the commit that was told of, though the branch went on', async () => {
    const first = told();
    const head = request.head;
    await fork.commit('typo', { 'a.txt': '3' }, 'more');
    await subject.host.look(request);
    expect((await subject.provider.change(repository, { kind: 'pull-request', pullRequest: first }, signal)).commit).toBe(head);
    expect((await subject.provider.change(repository, { kind: 'pull-request', pullRequest: told() }, signal)).message).toBe('more');
  });

  it('of a branch of the repository itself are built without another one', async () => {
    const commit = await base.commit('own', { 'a.txt': '5' }, 'own');
    request = await subject.host.openPullRequest({ title: 'own', author: eve, from: base, branch: 'own', to: base, base: 'main' });
    expect(told()).toMatchObject({ headUrl: null, headRef: flavour === 'cloud' ? 'refs/heads/own' : 'refs/pull-requests/2/from' });
    expect(await subject.provider.change(repository, { kind: 'pull-request', pullRequest: told() }, signal)).toMatchObject({ commit });
  });

  if (flavour === 'cloud')
    it('that cannot be built are no reason to miss the others', async () => {
      const lost = await subject.host.openPullRequest({ title: 'lost', author: eve, from: fork, branch: 'typo', to: base, base: 'main' });
      Object.assign(lost, { head: '' });
      expect((await subject.provider.pullRequests.open(repository, signal)).map(({ number }) => number)).toEqual([1]);
      await expect(subject.provider.pullRequests.get(repository, lost.number, signal)).rejects.toMatchObject({ code: 'not-found' });
      const foreign = await subject.host.fork(base, 'MALLORY', { isPrivate: true });
      await foreign.commit('hidden', { 'a.txt': '6' });
      await subject.host.openPullRequest({ title: 'hidden', author: eve, from: foreign, branch: 'hidden', to: base, base: 'main' });
      const open = await subject.again({ token: null }).pullRequests.open(repository, signal);
      expect(open.map(({ number, headCommit }) => [number, headCommit.length])).toEqual([
        [3, 12],
        [1, 40],
      ]);
    });

  it('of private repositories are fetched with what the project has', async () => {
    const closed = await subject.host.createRepository('PROJ', 'closed', { isPrivate: true });
    await closed.commit('main', { 'a.txt': '1' });
    fork = await subject.host.fork(closed, 'EVE', { isPrivate: true });
    await fork.commit('typo', { 'a.txt': '2' });
    request = await subject.host.openPullRequest({ title: 'A typo', author: eve, from: fork, branch: 'typo', to: closed, base: 'main' });
    repository = subject.named(closed, { kind: 'password', user: 'x-token-auth', password: TOKEN });
    const without = subject.again({ token: null });
    expect((await without.change(repository, { kind: 'pull-request', pullRequest: told() }, signal)).commit).toBe(request.head);
    const stranger = { ...repository, credentials: null };
    await expect(without.change(stranger, { kind: 'pull-request', pullRequest: told() }, signal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('from a repository that is gone are built while the host still has them', async () => {
    const pullRequest = await subject.provider.pullRequests.get(repository, 1, signal);
    await subject.host.remove(fork);
    const now = await subject.provider.pullRequests.get(repository, 1, signal).catch((error: unknown) => error);
    const asked = subject.provider.change(repository, { kind: 'pull-request', pullRequest }, signal);
    if (flavour === 'cloud') {
      expect(now).toMatchObject({ headRepository: null, headCommit: request.head.slice(0, 12), baseCommit: base.branches.get('main') });
      await expect(asked).rejects.toMatchObject({ code: 'not-found' });
    } else {
      expect(now).toMatchObject({ headRepository: null, headCommit: request.head });
      expect((await asked).commit).toBe(request.head);
    }
  });
});

describe('an annotated tag at a Data Center', () => {
  it('is told of by its own id, and built at its commit', async () => {
    const subject = await startSubject('data-center');
    const { host, courier, provider, named } = subject;
    const base = await host.createRepository('PROJ', 'demo');
    const commit = await base.commit('main', { 'a.txt': '1' });
    const tag = await base.tag('v1', commit);
    const event = provider.webhooks.parse(courier.pushDelivery(base, host.createUser('ada'), { kind: 'tag', name: 'v1', before: null, after: tag }));
    expect(event).toMatchObject({ kind: 'push', refs: [{ kind: 'tag', name: 'v1', commit: tag }] });
    expect(await provider.change(named(base), { kind: 'tag', name: 'v1', commit: tag }, signal)).toMatchObject({ kind: 'tag', tag: 'v1', commit });
    await subject.close();
  });
});
