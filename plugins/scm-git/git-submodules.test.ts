import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, git, gitWithInput, temporaryFolder } from '#plugins/kit/testing/git-host';
import { startHttpGit, type HttpGitServer } from '#plugins/kit/testing/http-git-server';

const signal = AbortSignal.timeout(600_000);
const WITH = { depth: 1, submodules: true };

/** Takes every name for one of this computer, and writes down which it was asked for. */
class PinnedProvider extends GitProvider {
  private readonly asked: string[];

  constructor(context: FakeContext<GitConfig>, asked: string[]) {
    super(context);
    this.asked = asked;
  }

  protected override async publicAddresses(host: string): ReturnType<GitProvider['publicAddresses']> {
    this.asked.push(host);
    return [{ address: '127.0.0.1', family: 4 }];
  }
}

describe('submodules', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let server: HttpGitServer;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let library: Workshop;
  let main: Workshop;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    server = await startHttpGit(folder);
    context = await fakeContext(GitConfig.parse({}));
    provider = new GitProvider(context);
    library = await Workshop.create(folder, 'library');
    await library.commit('main', { 'lib.py': 'lib' }, 'library');
    main = await Workshop.create(folder, 'main');
    await main.commit('main', { 'a.txt': 'a' });
  });
  afterEach(async () => {
    await provider.close();
    await server.close();
    await context.remove();
    await removeFolder();
  });

  /** Commits a link to the library's head at `place`, and this text as `.gitmodules`. */
  async function linkTo(shop: Workshop, linked: Workshop, place: string, description: string): Promise<void> {
    const commit = await git(linked.folder, 'rev-parse', 'HEAD');
    await shop.commit('main', { 'a.txt': 'a', '.gitmodules': description });
    await git(shop.folder, 'update-index', '--add', '--cacheinfo', `160000,${commit},${place}`);
    await git(shop.folder, 'commit', '--quiet', '-m', 'link');
  }

  const module = (place: string, url: string): string => `[submodule "${place}"]\n\tpath = ${place}\n\turl = ${url}\n`;

  async function unpack(repository: Repository): Promise<{ folder: string; remove(): Promise<void> }> {
    return layOut(await provider.checkout(repository, await provider.resolve(repository, 'main', signal), WITH, signal));
  }

  it('are in the work tree, nested ones too, each a repository of its own', async () => {
    const inner = await Workshop.create(folder, 'inner');
    await inner.commit('main', { 'inner.py': 'inner' });
    await linkTo(library, inner, 'deep/inner', module('deep/inner', '../inner'));
    await linkTo(main, library, 'vendor/lib', module('vendor/lib', '../library/'));
    const tree = await unpack({ url: main.folder, credentials: null });
    expect(await readFile(path.join(tree.folder, 'vendor/lib/deep/inner/inner.py'), 'utf8')).toBe('inner');
    expect(await git(tree.folder, 'status', '--porcelain')).toBe('');
    expect(await git(tree.folder, 'submodule', 'status', '--recursive')).toMatch(/^ [0-9a-f]+ vendor\/lib .*\n [0-9a-f]+ vendor\/lib\/deep\/inner/);
    expect(await git(path.join(tree.folder, 'vendor/lib'), 'fsck')).toBe('');
    await tree.remove();
  });

  it('stay empty folders where the job does not want them', async () => {
    await linkTo(main, library, 'lib', module('lib', 'ext::sh -c true'));
    const repository = { url: main.folder, credentials: null };
    await git(main.folder, 'config', 'transfer.fsckObjects', 'false');
    await linkTo(main, library, 'lib', module('lib', '../library'));
    await git(main.folder, 'checkout', '--quiet', '--orphan', 'clean');
    await git(main.folder, 'commit', '--quiet', '-m', 'clean');
    const change = await provider.resolve(repository, 'clean', signal);
    const tree = await layOut(await provider.checkout(repository, change, { depth: 1, submodules: false }, signal));
    expect(await readdir(path.join(tree.folder, 'lib'))).toEqual([]);
    expect(await git(tree.folder, 'status', '--porcelain')).toBe('');
    await tree.remove();
  });

  it('of the same host are fetched with the credentials, of another host without', async () => {
    server.password = { user: 'ada', password: 'hunter2' };
    const repository: Repository = { url: `${server.url}/main/.git`, credentials: { kind: 'password', user: 'ada', password: 'hunter2' } };
    await linkTo(main, library, 'lib', module('lib', '../../library/.git'));
    await (await unpack(repository)).remove();
    const other = await startHttpGit(folder);
    other.password = server.password;
    await linkTo(main, library, 'lib', module('lib', `${other.url}/library/.git`));
    await expect(unpack(repository)).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining('submodule lib') });
    expect(other.seen.filter((header) => header !== '')).toEqual([]);
    await other.close();
  });

  it('of a stranger’s change are fetched without credentials, also where a trusted one has them already', async () => {
    server.password = { user: 'ada', password: 'hunter2' };
    const repository: Repository = { url: `${server.url}/main/.git`, credentials: { kind: 'password', user: 'ada', password: 'hunter2' } };
    await linkTo(main, library, 'lib', module('lib', '../../library/.git'));
    await (await unpack(repository)).remove();
    const change = await provider.resolve(repository, 'main', signal);
    const untrusted = provider.checkout(repository, change, { ...WITH, untrusted: true }, signal);
    await expect(untrusted).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining('submodule lib') });
  });

  it('of a stranger’s change at another host are not fetched from this server’s own network', async () => {
    const other = await startHttpGit(folder);
    const repository: Repository = { url: `${server.url}/main/.git`, credentials: null };
    await linkTo(main, library, 'lib', module('lib', `${other.url}/library/.git`));
    await (await unpack(repository)).remove();
    other.seen.length = 0;
    await main.commit('main', { 'b.txt': 'another' });
    await linkTo(main, library, 'lib', module('lib', `${other.url}/library/.git`));
    const change = await provider.resolve(repository, 'main', signal);
    const untrusted = provider.checkout(repository, change, { ...WITH, untrusted: true }, signal);
    await expect(untrusted).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('own network') });
    expect(other.seen).toEqual([]);
    await other.close();
  });

  describe('of a stranger’s change at another host that anybody reaches', () => {
    let other: HttpGitServer;
    let inside: HttpGitServer;
    let asked: string[];
    beforeEach(async () => {
      [other, inside] = [await startHttpGit(folder), await startHttpGit(folder)];
      asked = [];
      provider = new PinnedProvider(context, asked);
      // No name of that domain can be looked up: what reaches the server was pinned.
      const url = `${other.url.replace('127.0.0.1', 'public.invalid')}/library/.git`;
      await linkTo(main, library, 'lib', module('lib', url));
    });
    afterEach(async () => {
      await other.close();
      await inside.close();
    });

    async function unpackUntrusted(): Promise<{ folder: string; remove(): Promise<void> }> {
      const repository: Repository = { url: `${server.url}/main/.git`, credentials: null };
      const change = await provider.resolve(repository, 'main', signal);
      return layOut(await provider.checkout(repository, change, { ...WITH, untrusted: true }, signal));
    }

    it('are fetched from the address that was looked at, whatever the name stands for later', async () => {
      const tree = await unpackUntrusted();
      expect(await readFile(path.join(tree.folder, 'lib/lib.py'), 'utf8')).toBe('lib');
      expect(asked).toEqual(['public.invalid']);
      await tree.remove();
    });

    it('are not fetched from where that host sends us on to', async () => {
      other.redirect = inside.url;
      await expect(unpackUntrusted()).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('submodule lib') });
      expect(other.seen.length).toBeGreaterThan(0);
      expect(inside.seen).toEqual([]);
    });
  });

  it('of a trusted change are fetched from where their host sends us on to', async () => {
    const moved = await startHttpGit(folder);
    moved.redirect = server.url;
    await linkTo(main, library, 'lib', module('lib', `${moved.url}/library/.git`));
    await (await unpack({ url: `${server.url}/main/.git`, credentials: null })).remove();
    await moved.close();
  });

  it('that cannot be fetched give an error that names them', async () => {
    await linkTo(main, library, 'lib', module('lib', '../nowhere'));
    await expect(unpack({ url: main.folder, credentials: null })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('submodule lib'),
    });
    await linkTo(main, library, 'lib', module('other', '../library'));
    await expect(unpack({ url: main.folder, credentials: null })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('lib has no URL'),
    });
  });

  it.each([
    ['ext::sh -c touch% /tmp/terrarium-evil'],
    ['--upload-pack=touch /tmp/terrarium-evil'],
    ['ssh://-oProxyCommand=touch/x'],
    ['fd::17/x'],
    ['https://user:secret@example.org/x'],
  ])('with the URL %s are refused', async (url) => {
    await linkTo(main, library, 'lib', module('lib', url));
    await expect(unpack({ url: main.folder, credentials: null })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('on the disk of the server are refused for a repository that is elsewhere', async () => {
    for (const url of [library.folder, `file://${library.folder}`]) {
      await linkTo(main, library, 'lib', module('lib', url));
      const failure = unpack({ url: `${server.url}/main/.git`, credentials: null });
      await expect(failure).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('local path') });
    }
  });

  describe('on the disk of the server', () => {
    const refused = { code: 'invalid', message: expect.stringContaining('submodule lib') };
    const local = (): Repository => ({ url: main.folder, credentials: null });
    const refer = (url: string): Promise<void> => linkTo(main, library, 'lib', module('lib', url));

    /** Keeps git's `add` and `rm` of the work tree away from these. */
    const leaveAlone = (...names: string[]): Promise<void> => writeFile(path.join(main.folder, '.git/info/exclude'), names.join('\n'));

    it('may lie beside their super-project and below that, however both are named', async () => {
      await leaveAlone('sub');
      await git(folder, 'clone', '--quiet', '--bare', library.folder, 'libraries/lib.git');
      await git(folder, 'clone', '--quiet', library.folder, 'main/sub');
      for (const url of [library.folder, `file://${library.folder}/.git`, '../libraries/lib', '../libraries/lib.git', './sub']) {
        await refer(url);
        await (await unpack(local())).remove();
      }
      await refer('../../library');
      await (await unpack({ url: path.join(main.folder, '.git'), credentials: null })).remove();
    });

    it('may lie nowhere else, there or not, and no link leads there', async () => {
      const elsewhere = await temporaryFolder();
      const secret = await Workshop.create(elsewhere.folder, 'secret');
      await git(elsewhere.folder, 'clone', '--quiet', library.folder, 'lib');
      await symlink(path.join(elsewhere.folder, 'lib'), path.join(folder, 'link'));
      await symlink(path.join(elsewhere.folder, 'lib'), path.join(folder, 'ending.git'));
      const places = [path.join(elsewhere.folder, 'lib'), secret.folder, '/nonexistent/x', `../../${path.basename(elsewhere.folder)}/lib`, '../link'];
      for (const url of [...places, '../ending', '..', '/']) {
        await refer(url);
        await expect(unpack(local()), url).rejects.toMatchObject(refused);
      }
      await elsewhere.remove();
    });

    it('may not be what was pushed into a work tree', async () => {
      await leaveAlone('pushed', 'pointer');
      await mkdir(path.join(main.folder, 'pushed'));
      await git(folder, 'clone', '--quiet', '--bare', library.folder, 'main/pushed/bare.git');
      await writeFile(path.join(main.folder, 'pointer'), `gitdir: ${path.join(library.folder, '.git')}\n`);
      for (const url of ['./pushed/bare.git', './pushed/bare', './pointer']) {
        await refer(url);
        await expect(unpack(local()), url).rejects.toMatchObject(refused);
      }
    });

    it('may not be what the server keeps of other projects, and nor may a project', async () => {
      await mkdir(path.join(folder, 'data'));
      const within = new GitProvider({ ...context, folder: path.join(folder, 'data') });
      await within.resolve({ url: library.folder, credentials: null }, 'main', signal);
      const [kept = ''] = await readdir(path.join(folder, 'data/repositories'));
      const mirror = path.join(folder, 'data/repositories', kept, 'git');
      await refer(`../data/repositories/${kept}/git`);
      const change = await within.resolve(local(), 'main', signal);
      await expect(within.checkout(local(), change, WITH, signal)).rejects.toMatchObject(refused);
      for (const url of [mirror, path.dirname(mirror)])
        await expect(within.refs({ url, credentials: null }, signal)).rejects.toMatchObject({ code: 'invalid' });
      await within.close();
    });
  });

  it.each(['../outside', 'a/../../b', '.git/hooks', 'a/.GIT/x'])('with the path %s are refused', async (place) => {
    await linkTo(main, library, 'lib', `${module('lib', '../library')}[submodule "evil"]\n\tpath = ${place}\n\turl = ../library\n`);
    await expect(unpack({ url: main.folder, credentials: null })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('described by a symbolic link are refused', async () => {
    const target = await gitWithInput(main.folder, 'elsewhere', 'hash-object', '-w', '--stdin');
    const commit = await git(library.folder, 'rev-parse', 'HEAD');
    const tree = await gitWithInput(main.folder, `120000 blob ${target}\t.gitmodules\n160000 commit ${commit}\tlib\n`, 'mktree', '--missing');
    await git(main.folder, 'reset', '--quiet', '--soft', await git(main.folder, 'commit-tree', tree, '-m', 'link'));
    await expect(unpack({ url: main.folder, credentials: null })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('that contain themselves come to an end', async () => {
    const loop = await Workshop.create(folder, 'loop');
    await loop.commit('main', { 'a.txt': 'a' });
    for (let round = 0; round < 10; round += 1) await linkTo(loop, loop, 'self', module('self', './'));
    await expect(unpack({ url: loop.folder, credentials: null })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('nested'),
    });
  });
});
