import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshdMissing, startSshd, type TestSshd } from '../../test/support/sshd.ts';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, temporaryFolder } from '#plugins/kit/testing/git-host';
import type { SpyingProgram } from '../../test/support/spying-program.ts';
import { spyingGit } from '#plugins/kit/testing/spying-git';

const signal = AbortSignal.timeout(600_000);

describe.skipIf(sshdMissing() !== null)(`over ssh ${sshdMissing() ?? ''}`, () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let sshd: TestSshd;
  let spy: SpyingProgram;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let workshop: Workshop;

  beforeAll(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    sshd = await startSshd();
    spy = await spyingGit(folder, { processes: true });
    context = await fakeContext(GitConfig.parse({ program: spy.program }));
    provider = new GitProvider(context);
    workshop = await Workshop.create(folder, 'demo');
    await workshop.commit('main', { 'a.txt': '1' }, 'first');
  });
  afterAll(async () => {
    await provider.close();
    await sshd.close();
    await context.remove();
    await removeFolder();
  });

  function place(knownHosts: string | null, privateKey = sshd.privateKey): Repository {
    return { url: `ssh://${sshd.user}@127.0.0.1:${sshd.port}${workshop.folder}`, credentials: { kind: 'ssh-key', privateKey, knownHosts } };
  }

  it('reads a repository with a key that is nowhere to be seen afterwards', async () => {
    const repository = place(sshd.knownHostsLine);
    const change = await provider.resolve(repository, null, signal);
    const tree = await layOut(await provider.checkout(repository, change, { depth: 1, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('1');
    await tree.remove();
    expect(await readdir(path.join(context.folder, 'keys'))).toEqual([]);
    const lines = (await spy.lines()).join('\n');
    expect(lines).toMatch(/ssh .*git-upload-pack/);
    expect(lines).not.toContain('PRIVATE KEY');
    expect(lines).not.toContain(sshd.privateKey.split('\n')[2]);
  });

  it('refuses another host key than the one given', async () => {
    const other = sshd.knownHostsLine.replace(
      / ssh-ed25519 \S+.*/,
      ' ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake',
    );
    await expect(provider.refs(place(other), signal)).rejects.toMatchObject({ code: 'rejected' });
    await expect(provider.refs(place('elsewhere.example.org ssh-ed25519 AAAA'), signal)).rejects.toMatchObject({ code: 'rejected' });
  });

  it('remembers the host key at first sight, or refuses it where it is told to', async () => {
    await provider.refs(place(null), signal);
    expect(await readFile(path.join(context.folder, 'known_hosts'), 'utf8')).toContain(`[127.0.0.1]:${sshd.port}`);
    const strict = await fakeContext({ ...context.config, unknownHosts: 'refuse' as const });
    await expect(new GitProvider(strict).refs(place(null), signal)).rejects.toMatchObject({ code: 'rejected' });
    await strict.remove();
  });

  it('says unauthorized without a key, with a broken one and with a wrong one', async () => {
    const none: Repository = { ...place(null), credentials: null };
    await expect(provider.refs(none, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    const broken = await provider.refs(place(null, 'no key at all'), signal).catch((error: unknown) => error);
    expect(broken).toMatchObject({ code: 'unauthorized' });
    expect(String(broken)).not.toContain('no key at all');
  });

  it('says not-found for a path without a repository, and invalid for a password', async () => {
    const repository = place(sshd.knownHostsLine);
    await expect(provider.refs({ ...repository, url: `${repository.url}-none` }, signal)).rejects.toMatchObject({ code: 'not-found' });
    const password: Repository = { url: repository.url, credentials: { kind: 'password', user: 'a', password: 'b' } };
    await expect(provider.refs(password, signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('leaves no key behind when it is aborted', async () => {
    const controller = new AbortController();
    const waiting = provider.refs(place(sshd.knownHostsLine), controller.signal);
    while ((await readdir(path.join(context.folder, 'keys'))).length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await readdir(path.join(context.folder, 'keys'))).toEqual([]);
  });
});
