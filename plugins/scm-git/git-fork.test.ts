import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PullRequest, Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { Workshop, git, temporaryFolder } from '#plugins/kit/testing/git-host';
import { startHttpGit, type HttpGitServer } from '#plugins/kit/testing/http-git-server';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';

const signal = AbortSignal.timeout(600_000);
const PASSWORD = { user: 'ada', password: 'correct horse' };

describe('a pull request from another repository, at a host without refs for them', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let server: HttpGitServer;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let base: Workshop;
  let fork: Workshop;
  let head: string;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    server = await startHttpGit(folder);
    context = await fakeContext(GitConfig.parse({ depth: 2 }));
    provider = new GitProvider(context);
    base = await Workshop.create(folder, 'base');
    await base.commit('main', { 'a.txt': '1' }, 'first');
    await git(folder, 'clone', '--quiet', path.join(folder, 'base'), 'fork');
    fork = new Workshop(path.join(folder, 'fork'));
    await fork.commit('typo', { 'a.txt': '2' }, 'half of it');
    head = await fork.commit('typo', { 'a.txt': '3' }, 'correct a typo');
  });
  afterEach(async () => {
    await provider.close();
    await server.close();
    await context.remove();
    await removeFolder();
  });

  const repository = (credentials: Repository['credentials'] = null): Repository => ({ url: `${server.url}/base/.git`, credentials });

  const request = (headUrl = `${server.url}/fork/.git`, headBranch = 'typo'): PullRequest => ({
    number: 7,
    title: 'A typo',
    author: { id: '1', name: 'eve' },
    baseBranch: 'main',
    baseCommit: null,
    headBranch,
    headCommit: head,
    headRepository: 'eve/fork',
    headRef: null,
    headUrl,
    isOpen: true,
    webUrl: null,
  });

  it('is built from the repository it comes from', async () => {
    const change = await provider.change(repository(), { kind: 'pull-request', pullRequest: request() }, signal);
    expect(change).toMatchObject({ kind: 'pull-request', branch: 'main', commit: head, message: 'correct a typo', repository: 'base' });
    expect(change.pullRequest).toMatchObject({ number: 7, headRepository: 'eve/fork', headRef: null, headUrl: request().headUrl });
    expect([...(await provider.readFiles(repository(), head, ['a.txt'], signal))]).toEqual([['a.txt', '3']]);
    const tree = await layOut(await provider.checkout(repository(), change, { depth: 1, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('3');
    await tree.remove();
  });

  it('can be read after a restart, without the fork, and be checked out with all its history while that is there', async () => {
    const change = await provider.change(repository(), { kind: 'pull-request', pullRequest: request() }, signal);
    const restarted = new GitProvider(context);
    const whole = await layOut(await restarted.checkout(repository(), change, { depth: null, submodules: false }, signal));
    expect((await git(whole.folder, 'log', '--format=%s')).split('\n')).toEqual(['correct a typo', 'half of it', 'first']);
    await whole.remove();
    await rm(fork.folder, { recursive: true });
    const again = new GitProvider(context);
    expect((await again.readFiles(repository(), head, ['a.txt'], signal)).get('a.txt')).toBe('3');
    const shallow = await layOut(await again.checkout(repository(), change, { depth: 2, submodules: false }, signal));
    expect(await readFile(path.join(shallow.folder, 'a.txt'), 'utf8')).toBe('3');
    await shallow.remove();
  });

  it('is found by its branch where the host gives out refs only', async () => {
    server.modern = false;
    const older = await git(fork.folder, 'rev-parse', 'HEAD~1');
    const told = { ...request(), headCommit: older };
    expect(await provider.change(repository(), { kind: 'pull-request', pullRequest: told }, signal)).toMatchObject({ commit: older });
  });

  it('says where the commit is not to be had', async () => {
    const gone = { ...request(), headCommit: 'e'.repeat(40) };
    const asked = provider.change(repository(), { kind: 'pull-request', pullRequest: gone }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('/fork/.git') });
  });

  it('says not-found where the repository it comes from is gone', async () => {
    const nowhere = request(`${server.url}/none/.git`);
    await expect(provider.change(repository(), { kind: 'pull-request', pullRequest: nowhere }, signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('brings none of its tags along', async () => {
    await git(fork.folder, 'tag', '-a', '-m', 'not theirs to give', 'v9.9', 'main');
    await provider.resolve(repository(), 'main', signal);
    const change = await provider.change(repository(), { kind: 'pull-request', pullRequest: request() }, signal);
    const tree = await layOut(await provider.checkout(repository(), change, { depth: null, submodules: false }, signal));
    expect(await git(tree.folder, 'tag', '--list')).toBe('');
    await tree.remove();
    // Nor do they lie in the mirror, where they would be in the way of its own.
    const [mirror = ''] = await readdir(path.join(context.folder, 'repositories'));
    expect(await git(path.join(context.folder, 'repositories', mirror, 'git'), 'tag', '--list')).toBe('');
    const branch = await layOut(
      await provider.checkout(repository(), await provider.resolve(repository(), 'main', signal), { depth: null, submodules: false }, signal),
    );
    expect(await git(branch.folder, 'tag', '--list')).toBe('');
    await branch.remove();
  });

  it('is fetched with the credentials at the same host', async () => {
    server.password = PASSWORD;
    const own = repository({ kind: 'password', ...PASSWORD });
    expect(await provider.change(own, { kind: 'pull-request', pullRequest: request() }, signal)).toMatchObject({ commit: head });
    await expect(provider.change(repository(), { kind: 'pull-request', pullRequest: request() }, signal)).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('is fetched without them from any other', async () => {
    const other = await startHttpGit(folder);
    server.password = PASSWORD;
    const own = repository({ kind: 'password', ...PASSWORD });
    const told = request(`${other.url}/fork/.git`);
    expect(await provider.change(own, { kind: 'pull-request', pullRequest: told }, signal)).toMatchObject({ commit: head });
    other.password = PASSWORD;
    head = await fork.commit('typo', { 'a.txt': '4' }, 'more');
    const asked = provider.change(own, { kind: 'pull-request', pullRequest: { ...told, headCommit: head } }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'unauthorized' });
    expect(other.seen.length).toBeGreaterThan(0);
    expect(other.seen.filter((header) => header !== '')).toEqual([]);
    await other.close();
  });

  it.each(['ext::sh -c true', '--upload-pack=touch x', '/etc', 'file:///etc', 'https://a:b@example.org/x'])('is refused from %s', async (url) => {
    const asked = provider.change(repository(), { kind: 'pull-request', pullRequest: request(url) }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each(['--upload-pack=touch x', '', 'a..b'])('is refused with the branch %j', async (branch) => {
    const asked = provider.change(repository(), { kind: 'pull-request', pullRequest: request(undefined, branch) }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'invalid' });
  });

  it('may come from a local repository only where local ones are read anyway', async () => {
    const local: Repository = { url: base.folder, credentials: null };
    expect(await provider.change(local, { kind: 'pull-request', pullRequest: request(fork.folder) }, signal)).toMatchObject({ commit: head });
    const strict = new GitProvider({ ...context, config: { ...context.config, localFolders: [base.folder] } });
    await expect(strict.change(local, { kind: 'pull-request', pullRequest: request(fork.folder) }, signal)).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe('an annotated tag', () => {
  it('may be told of by its own id', async () => {
    const { folder, remove } = await temporaryFolder();
    const context = await fakeContext(GitConfig.parse({}));
    const provider = new GitProvider(context);
    const workshop = await Workshop.create(folder, 'demo');
    const commit = await workshop.commit('main', { 'a.txt': '1' }, 'first');
    await git(workshop.folder, 'tag', '-a', '-m', 'one', 'v1', commit);
    const tag = await git(workshop.folder, 'rev-parse', 'v1');
    const repository: Repository = { url: workshop.folder, credentials: null };
    expect(tag).not.toBe(commit);
    expect(await provider.change(repository, { kind: 'tag', name: 'v1', commit: tag }, signal)).toMatchObject({ kind: 'tag', tag: 'v1', commit });
    await provider.close();
    await context.remove();
    await remove();
  });
});
