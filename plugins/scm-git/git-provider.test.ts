import { chown, mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import plugin from './index.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, git, gitWithInput, temporaryFolder } from '#plugins/kit/testing/git-host';
import { spyingGit } from '#plugins/kit/testing/spying-git';

const signal = AbortSignal.timeout(600_000);

describe('GitProvider', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let workshop: Workshop;
  let repository: Repository;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    context = await fakeContext(GitConfig.parse({ depth: 2 }));
    provider = new GitProvider(context);
    workshop = await Workshop.create(folder, 'demo');
    repository = { url: workshop.folder, credentials: null };
  });
  afterEach(async () => {
    await provider.close();
    await context.remove();
    await removeFolder();
  });

  it('says what is wrong where git is missing', async () => {
    await provider.init(signal);
    const without = new GitProvider({ ...context, config: { ...context.config, program: path.join(folder, 'none') } });
    await expect(without.init(signal)).rejects.toMatchObject({ code: 'unsupported' });
    expect(plugin.id).toBe('scm-git');
  });

  it.each(['ext::sh -c touch% /tmp/terrarium-evil', '--upload-pack=touch x', 'ssh://-oProxyCommand=touch/x', 'fd::3'])(
    'runs nothing for %s',
    async (url) => {
      const spy = await spyingGit(folder);
      const spied = new GitProvider({ ...context, config: { ...context.config, program: spy.program } });
      const hostile = { url, credentials: null };
      await expect(spied.refs(hostile, signal)).rejects.toMatchObject({ code: 'invalid' });
      await expect(spied.resolve(hostile, null, signal)).rejects.toMatchObject({ code: 'invalid' });
      await expect(spied.resolve(repository, url, signal)).rejects.toMatchObject({ code: 'invalid' });
      await expect(spied.readFiles(repository, url, ['a'], signal)).rejects.toMatchObject({ code: 'invalid' });
      expect(await spy.lines()).toEqual([]);
    },
  );

  it('follows a branch that was force-pushed and misses one that was deleted', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    await workshop.commit('side', { 'a.txt': '2' });
    const before = await provider.resolve(repository, 'side', signal);
    await git(workshop.folder, 'commit', '--quiet', '--amend', '-m', 'amended');
    const after = await provider.resolve(repository, 'side', signal);
    expect(after).toMatchObject({ message: 'amended', commit: expect.not.stringMatching(before.commit) });
    await git(workshop.folder, 'checkout', '--quiet', 'main');
    await git(workshop.folder, 'branch', '-D', 'side');
    await expect(provider.resolve(repository, 'side', signal)).rejects.toMatchObject({ code: 'not-found' });
    expect((await provider.resolve(repository, before.commit, signal)).commit).toBe(before.commit);
  });

  it('bears a branch and a tag in the place of what was a folder of them', async () => {
    const id = await workshop.commit('main', { 'a.txt': '1' });
    await git(workshop.folder, 'branch', 'x');
    await git(workshop.folder, 'tag', '-a', '-m', 'x', 'v', id);
    await provider.resolve(repository, 'x', signal);
    await provider.resolve(repository, 'v', signal);
    await git(workshop.folder, 'branch', '-D', 'x');
    await git(workshop.folder, 'tag', '-d', 'v');
    await workshop.commit('main', { 'a.txt': '2' });
    await git(workshop.folder, 'branch', 'x/y');
    await git(workshop.folder, 'tag', '-a', '-m', 'x', 'v/1');
    expect((await provider.resolve(repository, 'x/y', signal)).branch).toBe('x/y');
    expect((await provider.resolve(repository, 'v/1', signal)).tag).toBe('v/1');
  });

  it('resolves full refs, a detached HEAD and the commit of a branch', async () => {
    const first = await workshop.commit('main', { 'a.txt': '1' });
    const second = await workshop.commit('main', { 'a.txt': '2' });
    await git(workshop.folder, 'update-ref', 'refs/pull/7/head', first);
    await git(workshop.folder, 'branch', 'old', first);
    expect(await provider.resolve(repository, 'refs/pull/7/head', signal)).toMatchObject({ commit: first, branch: 'old', kind: 'push' });
    expect(await provider.resolve(repository, 'refs/heads/old', signal)).toMatchObject({ commit: first, branch: 'old' });
    expect(await provider.resolve(repository, first, signal)).toMatchObject({ branch: 'old' });
    expect(await provider.resolve(repository, second, signal)).toMatchObject({ branch: 'main' });
    await git(workshop.folder, 'checkout', '--quiet', '--detach', first);
    expect(await provider.resolve(repository, null, signal)).toMatchObject({ commit: first });
  });

  it('takes a commit that only a tag stands for as that tag, however it is asked for', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    const pushed = await workshop.commit('side', { 'a.txt': 'not reviewed' });
    await git(workshop.folder, 'checkout', '--quiet', 'main');
    await git(workshop.folder, 'branch', '-D', 'side');
    await git(workshop.folder, 'tag', '-a', '-m', 'mine', 'mine', pushed);
    await git(workshop.folder, 'update-ref', 'refs/pull/7/head', pushed);
    const tagged = { kind: 'tag', branch: 'mine', tag: 'mine', commit: pushed };
    for (const ref of [pushed, 'refs/pull/7/head', 'mine']) expect(await provider.resolve(repository, ref, signal), ref).toMatchObject(tagged);
  });

  it('takes another commit as the default branch’s where the last generations of that hold it, else as no branch’s', async () => {
    const ids: string[] = [];
    for (const text of ['1', '2', '3']) ids.push(await workshop.commit('main', { 'a.txt': text }));
    await git(workshop.folder, 'checkout', '--quiet', '-b', 'side', 'HEAD~1');
    const [merged, lost] = [await workshop.commit('side', { 'a.txt': '2', b: '1' }), await workshop.commit('side', { 'a.txt': '2', b: '2' })];
    await git(workshop.folder, 'checkout', '--quiet', 'main');
    await git(workshop.folder, 'merge', '--quiet', '--no-ff', '-m', 'merge', merged);
    await git(workshop.folder, 'branch', '-D', 'side');
    const placeOf = async (commit = ''): Promise<unknown> => {
      const { kind, branch, tag } = await provider.resolve(repository, commit, signal);
      return [kind, branch, tag];
    };
    expect(await placeOf(merged)).toEqual(['push', 'main', null]);
    expect(await placeOf(ids[2])).toEqual(['push', 'main', null]);
    expect(await placeOf(lost)).toEqual(['push', '', null]);
    // Two generations are fetched here.
    expect(await placeOf(ids[0])).toEqual(['push', '', null]);
    await git(workshop.folder, 'update-ref', 'refs/pull/7/head', lost);
    expect(await placeOf('refs/pull/7/head')).toEqual(['push', '', null]);
    const change = await provider.resolve(repository, lost, signal);
    const tree = await layOut(await provider.checkout(repository, change, { depth: 1, submodules: false }, signal));
    expect(await git(tree.folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
    await tree.remove();
  });

  it('reads an author and a message that are not UTF-8', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    const tree = await git(workshop.folder, 'rev-parse', 'HEAD^{tree}');
    const text = `tree ${tree}\nauthor J\u00fcrgen <j@x> 1 +0000\ncommitter J\u00fcrgen <j@x> 1 +0000\n\nGr\u00fc\u00dfe\n`;
    const id = await gitWithInput(workshop.folder, Buffer.from(text, 'latin1'), 'hash-object', '-w', '-t', 'commit', '--stdin');
    await git(workshop.folder, 'update-ref', 'refs/heads/latin', id);
    expect(await provider.resolve(repository, 'latin', signal)).toMatchObject({
      author: 'Jürgen',
      message: 'Grüße',
      committedAt: '1970-01-01T00:00:01.000Z',
    });
  });

  it('refuses a tag of something that is no commit', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    await git(workshop.folder, 'tag', 'blob', 'HEAD:a.txt');
    await expect(provider.resolve(repository, 'blob', signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('reads regular files only, byte order marks included', async () => {
    await workshop.commit('main', { 'bom.yml': '\uFEFFa: 1\n', 'real/x.yml': 'x' });
    await workshop.link('/etc/passwd', 'link.yml');
    await workshop.link('real', 'linked');
    const commit = await workshop.record();
    const texts = await provider.readFiles(repository, commit, ['link.yml', 'linked/x.yml', 'real/x.yml', 'bom.yml', `bom.yml\n${commit}`], signal);
    expect([...texts]).toEqual([
      ['real/x.yml', 'x'],
      ['bom.yml', '\uFEFFa: 1\n'],
    ]);
  });

  it('asks git once for what it knows already', async () => {
    const spy = await spyingGit(folder);
    const spied = new GitProvider({ ...context, config: { ...context.config, program: spy.program } });
    await workshop.commit('main', { 'a.txt': '1' });
    const runs = async (): Promise<string[]> =>
      (await spy.lines()).filter((line) => /^(?:--git-dir=\S+ )?(?:ls-remote|fetch|cat-file|archive) /.test(line));
    const change = await spied.resolve(repository, null, signal);
    await spied.checkout(repository, change, { depth: 1, submodules: false }, signal);
    const before = await runs();
    await spied.resolve(repository, null, signal);
    await spied.checkout(repository, change, { depth: 1, submodules: false }, signal);
    expect((await runs()).slice(before.length)).toEqual([expect.stringMatching(/^ls-remote /)]);
  });

  it.skipIf(process.getuid?.() !== 0)('reads a local repository of another user, and runs nothing of it', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    const marker = path.join(folder, 'marker');
    await writeFile(path.join(folder, 'evil.sh'), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
    for (const key of ['uploadpack.packObjectsHook', 'core.fsmonitor', 'core.sshCommand', 'core.alternateRefsCommand']) {
      await git(workshop.folder, 'config', key, path.join(folder, 'evil.sh'));
    }
    const all = await readdir(workshop.folder, { recursive: true });
    for (const name of ['', ...all]) await chown(path.join(workshop.folder, name), 65_534, 65_534);
    for (const url of [workshop.folder, `file://${workshop.folder}`, path.join(workshop.folder, '.git')]) {
      const change = await provider.resolve({ url, credentials: null }, null, signal);
      await provider.checkout({ url, credentials: null }, change, { depth: 1, submodules: false }, signal);
    }
    await expect(readFile(marker)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps to the folders where local repositories may lie', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    await mkdir(path.join(folder, 'allowed'));
    await symlink(workshop.folder, path.join(folder, 'allowed', 'link'));
    const limited = new GitProvider({ ...context, config: { ...context.config, localFolders: [path.join(folder, 'allowed')] } });
    for (const url of [workshop.folder, path.join(folder, 'allowed', 'link'), path.join(folder, 'allowed/../demo')]) {
      await expect(limited.refs({ url, credentials: null }, signal)).rejects.toMatchObject({ code: 'invalid' });
    }
    const inside = await Workshop.create(path.join(folder, 'allowed'), 'inside');
    expect((await limited.refs({ url: inside.folder, credentials: null }, signal)).refs).toEqual([]);
  });

  it('mends a mirror that a killed git left behind', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    await provider.resolve(repository, null, signal);
    const mirror = await mirrorFolder();
    const [ref = ''] = await readdir(path.join(mirror, 'refs', 'terrarium'));
    for (const lock of ['shallow.lock', 'config.lock', 'HEAD.lock', `refs/terrarium/${ref}.lock`, 'objects/pack/tmp_pack_x'])
      await writeFile(path.join(mirror, lock), '');
    const restarted = new GitProvider(context);
    const second = await workshop.commit('main', { 'a.txt': '2' });
    expect((await restarted.resolve(repository, null, signal)).commit).toBe(second);
    await writeFile(path.join(mirror, `refs/terrarium/${ref}.lock`), '');
    const third = await workshop.commit('main', { 'a.txt': '3' });
    expect((await restarted.resolve(repository, null, signal)).commit).toBe(third);
    expect((await readdir(path.join(mirror, 'objects', 'pack'))).filter((name) => name.startsWith('tmp_'))).toEqual([]);
  });

  it('fetches anew what a damaged mirror has lost', async () => {
    await workshop.commit('main', { 'a.txt': '1' });
    await provider.resolve(repository, null, signal);
    const packs = path.join(await mirrorFolder(), 'objects', 'pack');
    for (const name of await readdir(packs)) await truncate(path.join(packs, name), 10);
    const restarted = new GitProvider(context);
    const second = await workshop.commit('main', { 'a.txt': '2' });
    expect((await restarted.resolve(repository, null, signal)).commit).toBe(second);
    expect((await restarted.readFiles(repository, second, ['a.txt'], signal)).get('a.txt')).toBe('2');
  });

  it('keeps its objects quick to find after many fetches', async () => {
    for (let push = 0; push < 33; push += 1) {
      await workshop.commit('main', { 'a.txt': `${push}` }, `push ${push}`);
      await provider.resolve(repository, null, signal);
    }
    expect(await readdir(path.join(await mirrorFolder(), 'objects', 'pack'))).toContain('multi-pack-index');
    const change = await provider.resolve(repository, null, signal);
    expect((await provider.readFiles(repository, change.commit, ['a.txt'], signal)).get('a.txt')).toBe('32');
  });

  async function mirrorFolder(): Promise<string> {
    const [name = ''] = await readdir(path.join(context.folder, 'repositories'));
    return path.join(context.folder, 'repositories', name, 'git');
  }
});
