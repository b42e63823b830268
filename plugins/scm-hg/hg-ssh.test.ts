import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshdMissing, startSshd, type TestSshd } from '../../test/support/sshd.ts';
import { spyingProgram, type SpyingProgram } from '../../test/support/spying-program.ts';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary.ts';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { HgConfig } from './config.ts';
import { HgProvider } from './hg-provider.ts';
import { Workshop } from './testing/hg-host.ts';

const signal = AbortSignal.timeout(600_000);

/** Every step is a process of Python. */
const PATIENT = { timeout: 120_000 };

describe.skipIf(sshdMissing() !== null)(`over ssh ${sshdMissing() ?? ''}`, PATIENT, () => {
  let temporary: TemporaryFolder;
  let sshd: TestSshd;
  let spy: SpyingProgram;
  let context: FakeContext<HgConfig>;
  let provider: HgProvider;
  let workshop: Workshop;

  beforeAll(async () => {
    temporary = await temporaryFolder();
    sshd = await startSshd();
    spy = await spyingProgram('hg', temporary.path, { processes: true });
    context = await fakeContext(HgConfig.parse({ program: spy.program }));
    provider = new HgProvider(context);
    workshop = await Workshop.create(temporary.path, "it's a demo");
    await workshop.commit('default', { 'a.txt': '1' }, 'first');
  });
  afterAll(async () => {
    await provider.close();
    await sshd.close();
    await context.remove();
    await temporary.remove();
  });

  function place(knownHosts: string | null, privateKey = sshd.privateKey): Repository {
    const encoded = workshop.folder.split('/').map(encodeURIComponent).join('/');
    return { url: `hg+ssh://${sshd.user}@127.0.0.1:${sshd.port}/${encoded}`, credentials: { kind: 'ssh-key', privateKey, knownHosts } };
  }

  it('reads a repository with a key that is nowhere to be seen afterwards', async () => {
    const repository = place(sshd.knownHostsLine);
    // The talk does not end before the spy has seen it.
    const settings = path.join(workshop.folder, '.hg', 'hgrc');
    await writeFile(
      settings,
      `[hooks]\nprelistkeys.seen = until grep -q 'ssh .*serve --stdio' '${path.join(temporary.path, 'spied.log')}'; do :; done\n`,
    );
    const change = await provider.resolve(repository, null, signal);
    await rm(settings);
    const tree = await layOut(await provider.checkout(repository, change, { depth: 1, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('1');
    await tree.remove();
    expect(await readdir(path.join(context.folder, 'keys'))).toEqual([]);
    const lines = (await spy.lines()).join('\n');
    expect(lines).toMatch(/ssh .*serve --stdio/);
    expect(lines).not.toContain('PRIVATE KEY');
    expect(lines).not.toContain(sshd.privateKey.split('\n')[2]);
  });

  it('refuses another host key than the one given', async () => {
    const other = sshd.knownHostsLine.replace(
      / ssh-ed25519 \S+.*/,
      ' ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake',
    );
    await expect(provider.refs(place(other), signal)).rejects.toMatchObject({ code: 'rejected' });
  });

  it('remembers the host key at first sight, or refuses it where it is told to', async () => {
    await provider.refs(place(null), signal);
    expect(await readFile(path.join(context.folder, 'known_hosts'), 'utf8')).toContain(`[127.0.0.1]:${sshd.port}`);
    const strict = await fakeContext({ ...context.config, unknownHosts: 'refuse' as const });
    await expect(new HgProvider(strict).refs(place(null), signal)).rejects.toMatchObject({ code: 'rejected' });
    await strict.remove();
  });

  it('says unauthorized without a key and with a broken one', async () => {
    const none: Repository = { ...place(null), credentials: null };
    await expect(provider.refs(none, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    const broken = await provider.refs(place(null, 'no key at all'), signal).catch((error: unknown) => error);
    expect(broken).toMatchObject({ code: 'unauthorized' });
    expect(String(broken)).not.toContain('no key at all');
  });

  it('says not-found for a path without a repository, unavailable for a host that is away, and invalid for a password', async () => {
    const repository = place(sshd.knownHostsLine);
    await expect(provider.refs({ ...repository, url: `${repository.url}-none` }, signal)).rejects.toMatchObject({ code: 'not-found' });
    const away = { ...repository, url: 'hg+ssh://127.0.0.1:1/x' };
    await expect(provider.refs(away, signal)).rejects.toMatchObject({ code: 'unavailable' });
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
