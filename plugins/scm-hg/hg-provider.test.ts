import { mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endLeftovers } from '../../test/support/leftovers.ts';
import { spyingProgram } from '../../test/support/spying-program.ts';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary.ts';
import type { Ref, Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { HgConfig } from './config.ts';
import { HgProvider } from './hg-provider.ts';
import plugin from './index.ts';
import { Workshop, hg } from './testing/hg-host.ts';

const signal = AbortSignal.timeout(600_000);
const PLAIN = { depth: null, submodules: false };

/** Every step is a process of Python. */
const PATIENT = { timeout: 120_000 };

describe('HgProvider', PATIENT, () => {
  let folder: string;
  let temporary: TemporaryFolder;
  let context: FakeContext<HgConfig>;
  let provider: HgProvider;
  let workshop: Workshop;
  let repository: Repository;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    folder = temporary.path;
    context = await fakeContext(HgConfig.parse({}));
    provider = new HgProvider(context);
    workshop = await Workshop.create(folder, 'demo');
    repository = { url: `hg+file://${workshop.folder}`, credentials: null };
  });
  afterEach(async () => {
    await provider.close();
    await context.remove();
    await temporary.remove();
  });

  const place = (local: string): Repository => ({ url: `hg+${local}`, credentials: null });

  /** Every branch with its commit, `NAME COMMIT`, sorted. */
  async function branches(): Promise<string[]> {
    const { refs } = await provider.refs(repository, signal);
    return refs.flatMap(({ kind, name, commit }) => (kind === 'branch' ? [`${name} ${commit}`] : [])).toSorted();
  }

  async function tags(): Promise<Ref[]> {
    return (await provider.refs(repository, signal)).refs.filter(({ kind }) => kind === 'tag');
  }

  it('says what is wrong where Mercurial is missing, but lets the server start', async () => {
    await provider.check(signal);
    const without = new HgProvider({ ...context, config: { ...context.config, program: path.join(folder, 'none') } });
    await expect(without.check(signal)).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('install Mercurial') });
    await expect(without.refs(repository, signal)).rejects.toMatchObject({ code: 'unsupported' });
    expect(Reflect.has(provider, 'init')).toBe(false);
    expect(plugin.id).toBe('scm-hg');
  });

  it('gives a ref for each head that a push adds, on several branches', async () => {
    const base = await workshop.commit('default', { 'a.txt': '1' });
    expect(await branches()).toEqual([`default ${base}`]);
    const clone = await workshop.clone(folder, 'clone');
    const one = await clone.commit('default', { 'a.txt': '2' });
    await clone.hg('update', '--clean', '--rev', base);
    const other = await clone.commit('default', { 'a.txt': '3' });
    const side = await clone.commit('side', { 'a.txt': '4' });
    await clone.hg('update', '--clean', '--rev', other);
    await clone.hg('branch', '--force', 'side');
    const second = await clone.record('another head of side');
    await clone.hg('push', '--quiet', '--force', '--new-branch');
    const expected = [`default ${one}`, `side ${side}`, `side ${second}`].toSorted();
    // `other` has children, but none on its own branch: it is a head of that.
    expect(await branches()).toEqual([...expected, `default ${other}`].toSorted());
    expect((await provider.resolve(repository, 'side', signal)).commit).toBe(second);
    expect((await provider.resolve(repository, 'default', signal)).commit).toBe(other);
    const told = await provider.change(repository, { kind: 'branch', name: 'side', commit: side }, signal);
    expect(told).toMatchObject({ kind: 'push', branch: 'side', commit: side });
  });

  it('gives none for a closed head, and finds one that was opened again', async () => {
    const base = await workshop.commit('default', { 'a.txt': '1' });
    const side = await workshop.commit('side', { 'a.txt': '2' });
    await workshop.hg('commit', '--close-branch', '--message', 'close');
    expect(await branches()).toEqual([`default ${base}`]);
    await expect(provider.resolve(repository, 'side', signal)).rejects.toMatchObject({ code: 'not-found' });
    expect(await provider.resolve(repository, side, signal)).toMatchObject({ commit: side, branch: 'side' });
    const again = await workshop.commit('side', { 'a.txt': '3' });
    expect((await provider.resolve(repository, 'side', signal)).commit).toBe(again);
  });

  it('follows bookmarks as they move, back too, and misses them when they are gone', async () => {
    const first = await workshop.commit('default', { 'a.txt': '1' });
    const second = await workshop.commit('default', { 'a.txt': '2' });
    await workshop.hg('bookmark', '--inactive', '--rev', second, 'mark');
    expect(await provider.resolve(repository, 'mark', signal)).toMatchObject({ branch: 'mark', commit: second });
    await workshop.hg('bookmark', '--inactive', '--force', '--rev', first, 'mark');
    expect(await branches()).toEqual([`default ${second}`, `mark ${first}`].toSorted());
    await workshop.hg('bookmark', '--delete', 'mark');
    expect(await branches()).toEqual([`default ${second}`]);
    await workshop.hg('bookmark', '--inactive', '--rev', first, '@');
    expect(await provider.resolve(repository, null, signal)).toMatchObject({ branch: '@', commit: first });
    expect((await provider.refs(repository, signal)).defaultBranch).toBe('@');
  });

  it('takes the bookmark where a branch has its name', async () => {
    const first = await workshop.commit('default', { 'a.txt': '1' });
    const both = await workshop.commit('both', { 'a.txt': '2' });
    await workshop.hg('bookmark', '--inactive', '--force', '--rev', first, 'both');
    expect(await branches()).toEqual([`both ${both}`, `both ${first}`, `default ${first}`].toSorted());
    expect(await provider.resolve(repository, 'both', signal)).toMatchObject({ commit: first, branch: 'both' });
    expect(await provider.change(repository, { kind: 'branch', name: 'both', commit: both }, signal)).toMatchObject({ commit: both });
  });

  it('knows the tags that a changeset adds, moves and removes, and not those of one clone', async () => {
    const first = await workshop.commit('default', { 'a.txt': '1' });
    await workshop.hg('tag', '--local', 'mine');
    await workshop.tag('default', 'v 1.0', first);
    expect(await tags()).toEqual([{ kind: 'tag', name: 'v 1.0', commit: first }]);
    const second = await workshop.commit('default', { 'a.txt': '2' });
    await workshop.tag('default', 'v 1.0', second);
    expect(await provider.resolve(repository, 'v 1.0', signal)).toMatchObject({ kind: 'tag', tag: 'v 1.0', commit: second });
    await workshop.hg('tag', '--remove', 'v 1.0');
    expect(await tags()).toEqual([]);
  });

  it('never sees a secret changeset, and sees a draft', async () => {
    const draft = await workshop.commit('default', { 'a.txt': '1' });
    expect(await workshop.hg('phase', '--rev', draft)).toBe('0: draft');
    const secret = await workshop.commit('default', { 'a.txt': '2' });
    await workshop.hg('phase', '--force', '--secret', '--rev', secret);
    expect(await branches()).toEqual([`default ${draft}`]);
    await expect(provider.resolve(repository, secret, signal)).rejects.toMatchObject({ code: 'not-found' });
    await workshop.hg('phase', '--draft', '--rev', secret);
    expect(await branches()).toEqual([`default ${secret}`]);
  });

  it('forgets a head that was stripped, and the tags of what was', async () => {
    const first = await workshop.commit('default', { 'a.txt': '1' });
    const stripped = await workshop.commit('default', { 'a.txt': '2' });
    await workshop.tag('default', 'v1', stripped);
    expect(await tags()).toEqual([{ kind: 'tag', name: 'v1', commit: stripped }]);
    await hg(workshop.folder, '--config', 'extensions.strip=', 'strip', '--quiet', '--no-backup', '--rev', stripped);
    expect(await branches()).toEqual([`default ${first}`]);
    expect(await tags()).toEqual([]);
    const next = await workshop.commit('default', { 'a.txt': '3' });
    expect((await provider.refs(repository, signal)).refs).toEqual([{ kind: 'branch', name: 'default', commit: next }]);
    // What was built once can be built again.
    expect((await provider.resolve(repository, stripped, signal)).commit).toBe(stripped);
  });

  it('builds branches with odd names, and leaves out those that could be options', async () => {
    const commit = await workshop.commit('default', { 'a.txt': '1' });
    const names = ['a b', 'ünï/cödé ✓', '$(touch x)', "it's", 'a..b'];
    for (const name of names) await workshop.hg('bookmark', '--inactive', '--rev', commit, '--', name);
    for (const name of ['--config=alias.log=!touch x', '-x']) await workshop.hg('bookmark', '--inactive', '--rev', commit, '--', name);
    expect(await branches()).toEqual([...names, 'default'].map((name) => `${name} ${commit}`).toSorted());
    for (const name of names) expect((await provider.resolve(repository, name, signal)).branch).toBe(name);
    await provider.refs(repository, signal);
    expect(context.lines.map(({ level, fields }) => [level, fields['name']])).toEqual([
      ['warn', '--config=alias.log=!touch x'],
      ['warn', '-x'],
    ]);
  });

  it.each(['--config=alias.log=!touch x', '-x', 'tip', 'null', '.', 'a:b', ' x', 'x\ny'])('runs nothing for the ref %j', async (ref) => {
    const spy = await spyingProgram('hg', folder);
    const spied = new HgProvider({ ...context, config: { ...context.config, program: spy.program } });
    await expect(spied.resolve(repository, ref, signal)).rejects.toMatchObject({ code: 'invalid' });
    const commit = 'e'.repeat(40);
    await expect(spied.change(repository, { kind: 'branch', name: ref, commit }, signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(spied.readFiles(repository, ref, ['a'], signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(spied.refs({ url: `hg+${ref}`, credentials: null }, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(await spy.lines()).toEqual([]);
  });

  it('runs no hook, extension or alias of a repository on this disk', async () => {
    const commit = await workshop.commit('default', { 'a.txt': '1' });
    const marker = path.join(folder, 'marker');
    await writeFile(path.join(folder, 'evil.py'), `open(${JSON.stringify(marker)}, 'w')\n`);
    const hooks = ['outgoing', 'preoutgoing', 'prelistkeys', 'listkeys', 'pre-log', 'post-log'].map((name) => `${name}.evil = touch '${marker}'\n`);
    const extension = `[extensions]\nevil = ${path.join(folder, 'evil.py')}\n`;
    await writeFile(path.join(workshop.folder, '.hg', 'hgrc'), `[hooks]\n${hooks.join('')}${extension}[alias]\nlog = !touch '${marker}'\n`);
    const change = await provider.resolve(repository, null, signal);
    await provider.readFiles(repository, commit, ['a.txt'], signal);
    await provider.checkout(repository, change, PLAIN, signal);
    await expect(readFile(marker)).rejects.toMatchObject({ code: 'ENOENT' });
    // What would have happened to somebody who is less careful.
    await hg(folder, 'clone', '--quiet', workshop.folder, 'careless');
    expect(await readFile(marker, 'utf8')).toBe('');
  });

  it('keeps to the folders where local repositories may lie, and reads no bundle', async () => {
    await workshop.commit('default', { 'a.txt': '1' });
    const allowed = path.join(folder, 'allowed');
    await mkdir(allowed);
    await symlink(workshop.folder, path.join(allowed, 'link'));
    const limited = new HgProvider({ ...context, config: { ...context.config, localFolders: [allowed] } });
    for (const local of [workshop.folder, path.join(allowed, 'link'), `${allowed}/../demo`]) {
      await expect(limited.refs(place(local), signal)).rejects.toMatchObject({ code: 'invalid' });
    }
    const inside = await Workshop.create(allowed, 'inside');
    expect((await limited.refs(place(inside.folder), signal)).refs).toEqual([]);
    await workshop.hg('bundle', '--quiet', '--all', path.join(folder, 'all.hg'));
    await expect(provider.refs(place(path.join(folder, 'all.hg')), signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('reads a repository whose path means something else to hg', async () => {
    const odd = await Workshop.create(folder, 'a#b %c?d~é: x');
    const commit = await odd.commit('default', { 'a.txt': '1' });
    expect((await provider.resolve(place(odd.folder), null, signal)).commit).toBe(commit);
  });

  it('keeps the beginning of a long message and of a long name', async () => {
    await writeFile(path.join(workshop.folder, 'message'), 'x'.repeat(100_000));
    await workshop.hg('add', 'message');
    await workshop.hg('commit', '--user', `${'y'.repeat(5000)} <jane@example.org>`, '--logfile', 'message');
    const change = await provider.resolve(repository, null, signal);
    expect(change).toMatchObject({ message: `${'x'.repeat(9999)}…`, author: 'y'.repeat(1000) });
  });

  it('reads an author and a message in another encoding, and dates before 1970', async () => {
    await writeFile(path.join(workshop.folder, 'message'), Buffer.from('Grüße\n\nzweite Zeile', 'latin1'));
    await writeFile(path.join(workshop.folder, 'a.txt'), '1');
    const options = ['--encoding', 'latin1', '--user', 'Jane Doe <jane@example.org>', '--date', '-1 0', '--logfile', 'message'];
    await workshop.hg('commit', '--addremove', ...options);
    expect(await provider.resolve(repository, null, signal)).toMatchObject({
      author: 'Jane Doe',
      message: 'Grüße\n\nzweite Zeile',
      committedAt: '1969-12-31T23:59:59.000Z',
    });
  });

  it('reads regular files only, as they are', async () => {
    await workshop.commit('default', { 'bom.yml': '\uFEFFa: 1\n', 'real/x.yml': 'x', 'a b.txt': 'blank', 'glob*': 'star', '--config': 'dash' });
    await workshop.link('/etc/passwd', 'link.yml');
    await workshop.link('real', 'linked');
    const commit = await workshop.record();
    const paths = [
      'link.yml',
      'linked/x.yml',
      'real/x.yml',
      'bom.yml',
      'a b.txt',
      'glob*',
      'gl*',
      '--config',
      'set:all()',
      './bom.yml',
      'real//x.yml',
    ];
    expect([...(await provider.readFiles(repository, commit, paths, signal))]).toEqual([
      ['real/x.yml', 'x'],
      ['bom.yml', '\uFEFFa: 1\n'],
      ['a b.txt', 'blank'],
      ['glob*', 'star'],
      ['--config', 'dash'],
    ]);
  });

  it('lays out what hg itself would, with what tells tools the version', async () => {
    const first = await workshop.commit('default', { 'setup.py': 'x' });
    await workshop.tag('default', 'v1.0', first);
    await workshop.commit('default', { 'setup.py': 'y', 'ünï cödé.txt': 'name', 'deep/er/file': '' });
    await writeFile(path.join(workshop.folder, 'tool.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await workshop.link('setup.py', 'link');
    const commit = await workshop.record();
    const tree = await layOut(await provider.checkout(repository, await provider.resolve(repository, null, signal), PLAIN, signal));
    await hg(folder, 'archive', '--repository', workshop.folder, '--rev', commit, path.join(folder, 'expected'));
    expect(await listing(tree.folder)).toEqual(await listing(path.join(folder, 'expected')));
    const archival = await readFile(path.join(tree.folder, '.hg_archival.txt'), 'utf8');
    expect(archival).toMatch(new RegExp(`node: ${commit}\nbranch: default\nlatesttag: v1.0\nlatesttagdistance: 3\n`));
    await tree.remove();
  });

  it('lays out a changeset without any file', async () => {
    await workshop.commit('default', { 'a.txt': '1' });
    const change = await provider.resolve(repository, await workshop.commit('default', {}, 'nothing left'), signal);
    const tree = await layOut(await provider.checkout(repository, change, PLAIN, signal));
    expect(await readdir(tree.folder)).toEqual([]);
    await tree.remove();
  });

  it('says that it does not fetch subrepositories, where they are wanted', async () => {
    const inner = await Workshop.create(folder, 'inner');
    await inner.commit('default', { 'inner.py': '' });
    await hg(workshop.folder, 'clone', '--quiet', inner.folder, 'sub');
    await workshop.hg('add', '--quiet', '.');
    await writeFile(path.join(workshop.folder, '.hgsub'), `sub = ${inner.folder}\n`);
    await writeFile(path.join(workshop.folder, 'a.txt'), '1');
    const change = await provider.resolve(repository, await workshop.record(), signal);
    const wanted = provider.checkout(repository, change, { depth: null, submodules: true }, signal);
    await expect(wanted).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('subrepositories') });
    const tree = await layOut(await provider.checkout(repository, change, PLAIN, signal));
    expect((await readdir(tree.folder)).toSorted()).toEqual(['.hg_archival.txt', '.hgsub', '.hgsubstate', 'a.txt']);
    await tree.remove();
  });

  it('has no pull requests', async () => {
    const pullRequest = {
      number: 1,
      title: '',
      author: { id: null, name: 'ada' },
      baseBranch: 'default',
      baseCommit: null,
      headBranch: 'x',
      headCommit: 'e'.repeat(40),
      headRepository: null,
      headRef: null,
      headUrl: null,
      isOpen: true,
      webUrl: null,
    };
    await expect(provider.change(repository, { kind: 'pull-request', pullRequest }, signal)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('serves twenty at once, and makes one archive for them', async () => {
    const spy = await spyingProgram('hg', folder);
    const spied = new HgProvider({ ...context, config: { ...context.config, program: spy.program } });
    const commit = await workshop.commit('default', { 'a.txt': '1' });
    const changes = await Promise.all(Array.from({ length: 5 }, () => spied.resolve(repository, null, signal)));
    expect(changes.map((change) => change.commit)).toEqual(Array.from({ length: 5 }, () => commit));
    const [change] = changes;
    if (change === undefined) throw new Error('nothing was resolved');
    await Promise.all(Array.from({ length: 20 }, () => spied.checkout(repository, change, PLAIN, new AbortController().signal)));
    expect((await spy.lines()).filter((line) => / archive /.test(line))).toHaveLength(1);
    expect((await spy.lines()).filter((line) => line.startsWith('init '))).toHaveLength(1);
    await spied.close();
  });

  it('mends a mirror in which a killed hg left its transaction and its lock', async () => {
    await workshop.commit('default', { 'a.txt': '1' });
    await provider.resolve(repository, null, signal);
    const store = path.join(await mirrorFolder(), '.hg', 'store');
    // As such an hg leaves it: nothing of what it had begun to append is named in the journal.
    await writeFile(path.join(store, 'journal'), '');
    await symlink('elsewhere:999999', path.join(store, 'lock-of-another-host'));
    const second = await workshop.commit('default', { 'a.txt': '2' });
    expect((await provider.resolve(repository, null, signal)).commit).toBe(second);
    expect(await readdir(store)).not.toContain('journal');
  });

  it.each(['00changelog.i', '00manifest.i'])('pulls anew what a damaged mirror has lost: %s', async (name) => {
    await workshop.commit('default', { 'a.txt': '1' });
    await provider.resolve(repository, null, signal);
    await truncate(path.join(await mirrorFolder(), '.hg', 'store', name), 40);
    const restarted = new HgProvider(context);
    const second = await workshop.commit('default', { 'a.txt': '2' });
    expect((await restarted.resolve(repository, null, signal)).commit).toBe(second);
    expect((await restarted.readFiles(repository, second, ['a.txt'], signal)).get('a.txt')).toBe('2');
  });

  it('says so where what it brought cannot be read any more', async () => {
    await workshop.commit('default', { 'a.txt': '1' });
    const change = await provider.resolve(repository, null, signal);
    await truncate(path.join(await mirrorFolder(), '.hg', 'store', '00manifest.i'), 40);
    await expect(provider.readFiles(repository, change.commit, ['a.txt'], signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(provider.checkout(repository, change, PLAIN, signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('leaves no process, lock or temporary file when it is aborted at any point', async () => {
    await workshop.commit('default', { 'a.txt': 'x'.repeat(100_000) });
    const change = await provider.resolve(repository, null, signal);
    for (const command of ['init', 'terrarium-fetch', 'log', 'archive']) {
      const fresh = await fakeContext(context.config);
      const controller = new AbortController();
      const program = path.join(folder, `stuck-${command}`);
      const reached = path.join(folder, `reached-${command}`);
      await writeFile(program, `#!/bin/sh\ncase " $* " in *" ${command} "*) touch '${reached}'; sleep 600 & wait ;; esac\nexec hg "$@"\n`, {
        mode: 0o755,
      });
      const stuck = new HgProvider({ ...fresh, config: { ...fresh.config, program } });
      const waiting = stuck.resolve(repository, null, controller.signal).then(() => stuck.checkout(repository, change, PLAIN, controller.signal));
      const ended = waiting.catch((error: unknown) => error);
      while (!(await exists(reached))) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('enough'));
      expect(await ended).toMatchObject({ message: 'enough' });
      expect(await endLeftovers(fresh.folder)).toEqual([]);
      const left = (await readdir(fresh.folder, { recursive: true })).filter((name) => /(?:^|\/)(?:tmp|keys)\/|(?:wlock|lock|journal)$/.test(name));
      expect(left).toEqual([]);
      expect((await new HgProvider(fresh).resolve(repository, null, signal)).commit).toBe(change.commit);
      await fresh.remove();
    }
  });

  async function mirrorFolder(): Promise<string> {
    const [name = ''] = await readdir(path.join(context.folder, 'repositories'));
    return path.join(context.folder, 'repositories', name, 'hg');
  }
});

/** Paths and contents of all regular files below a folder. */
async function listing(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const));
  return new Map(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
