import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PullRequest, type Repository } from '#plugins/api';
import { layOut } from '#plugins/api/testing';
import { git } from '#plugins/kit/testing/git-host';
import { asMarkdown } from './plain-markdown.ts';
import type { FakeAccount, FakeRepository } from './testing/fake-state.ts';
import { byToken, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe('a pull request', () => {
  let subject: Subject;
  let demo: FakeRepository;
  let repository: Repository;
  let bob: FakeAccount;
  let base: string;

  beforeEach(async () => {
    subject = await startSubject(byToken);
    demo = await subject.github.createRepository('ada/demo');
    base = await demo.workshop.commit('main', { 'a.txt': 'a' }, 'first');
    repository = { url: `${subject.github.url}/ada/demo.git`, credentials: null };
    bob = subject.github.addUser('bob');
  });
  afterEach(() => subject.close());

  it('is read as it stands', async () => {
    const { headCommit } = await subject.github.openPullRequest(demo, bob, { 'b.txt': 'b' }, { number: 7, title: 'Add b' });
    const pull = await subject.provider.pullRequests.get(repository, 7, signal);
    expect(PullRequest.parse(pull)).toEqual(pull);
    expect(pull).toEqual({
      number: 7,
      title: 'Add b',
      author: { id: String(bob.id), name: 'bob' },
      baseBranch: 'main',
      baseCommit: base,
      headBranch: 'proposal',
      headCommit,
      headRepository: 'bob/demo',
      headRef: 'refs/pull/7/head',
      headUrl: null,
      isOpen: true,
      webUrl: `${subject.github.url}/ada/demo/pull/7`,
    });
    await expect(subject.provider.pullRequests.get(repository, 8, signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is built at its head, which no branch has, also after another push and without its fork', async () => {
    const { github, provider } = subject;
    const fake = await github.openPullRequest(demo, bob, { 'b.txt': 'b' }, { number: 7 });
    fake.headRepository = null;
    expect(await git(demo.workshop.folder, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
    const pull = await provider.pullRequests.get(repository, 7, signal);
    const change = await provider.change(repository, { kind: 'pull-request', pullRequest: pull }, signal);
    expect(change).toMatchObject({ kind: 'pull-request', branch: 'main', commit: fake.headCommit, pullRequest: { number: 7, headRepository: '' } });
    const tree = await layOut(await provider.checkout(repository, change, { depth: 1, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'b.txt'), 'utf8')).toBe('b');
    await tree.remove();
    const later = await github.pushToPullRequest(demo, fake, { 'c.txt': 'c' });
    const next = await provider.pullRequests.get(repository, 7, signal);
    const again = await provider.change(repository, { kind: 'pull-request', pullRequest: next }, signal);
    expect(again.commit).toBe(later);
    expect([...(await provider.readFiles(repository, later, ['b.txt', 'c.txt'], signal)).keys()]).toEqual(['c.txt']);
    expect((await provider.refs(repository, signal)).refs).toMatchObject([{ kind: 'branch', name: 'main' }]);
  });

  it('is among the open ones, newest first, however many pages they fill', async () => {
    const pull = await subject.github.openPullRequest(demo, bob, { 'b.txt': 'b' });
    for (let number = 2; number <= 205; number += 1) demo.pulls.set(number, { ...pull, number, comments: [] });
    const closed = demo.pulls.get(100);
    if (closed) closed.state = 'closed';
    const open = await subject.provider.pullRequests.open(repository, signal);
    expect(open).toHaveLength(204);
    expect(open.map(({ number }) => number).slice(0, 2)).toEqual([205, 204]);
    expect(open.at(-1)?.number).toBe(1);
  });

  it('is written to once, in plain text', async () => {
    const pull = await subject.github.openPullRequest(demo, bob, { 'b.txt': 'b' });
    await subject.provider.pullRequests.comment(repository, pull.number, 'Thanks, @bob: *not* built', signal);
    expect(pull.comments).toEqual([{ by: 'ada', body: String.raw`Thanks, @<!-- -->bob\: \*not\* built` }]);
    subject.github.script({ what: 'POST /repos/ada/demo/issues/1/comments', answer: { status: 502 } });
    await expect(subject.provider.pullRequests.comment(repository, 1, 'again', signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(pull.comments).toHaveLength(1);
    await expect(subject.provider.pullRequests.comment(repository, 9, 'x', signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is found where the repository has another name by now', async () => {
    await subject.github.openPullRequest(demo, bob, { 'b.txt': 'b' });
    subject.github.rename(demo, 'renamed');
    expect(await subject.provider.pullRequests.get(repository, 1, signal)).toMatchObject({ number: 1 });
    expect(await subject.provider.pullRequests.open(repository, signal)).toHaveLength(1);
    expect((await subject.provider.resolve(repository, 'main', signal)).commit).toBe(base);
  });
});

it.each([
  ['nothing special', 'nothing special'],
  ['see https://ci.example.org/a_b/1?x=1#y', 'see https://ci.example.org/a_b/1?x=1#y'],
  ['<script>alert(1)</script>', String.raw`\<script\>alert\(1\)\</script\>`],
  ['[x](javascript:alert)', String.raw`\[x\]\(javascript\:alert\)`],
  ['no heading\n==\n:tada:', 'no heading\n\\=\\=\n\\:tada\\:'],
  ['#12 @org/team\n  - `x`', '\\#<!-- -->12 @<!-- -->org/team\n  \\- \\`x\\`'],
])('%j is shown as it is', (text, expected) => {
  expect(asMarkdown(text)).toBe(expected);
});
