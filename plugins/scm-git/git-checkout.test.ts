import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, readdir, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, git, gitWithInput, temporaryFolder } from '#plugins/kit/testing/git-host';
import { spyingGit } from '#plugins/kit/testing/spying-git';

const signal = AbortSignal.timeout(600_000);
interface Options {
  readonly depth: number | null;
  readonly submodules: boolean;
}

const WHOLE: Options = { depth: null, submodules: false };

describe('a work tree', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let workshop: Workshop;
  let repository: Repository;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    context = await fakeContext(GitConfig.parse({ depth: 3 }));
    provider = new GitProvider(context);
    workshop = await Workshop.create(folder, 'demo');
    repository = { url: workshop.folder, credentials: null };
  });
  afterEach(async () => {
    await provider.close();
    await context.remove();
    await removeFolder();
  });

  async function unpack(ref: string | null, options = WHOLE, changed: Partial<Change> = {}): Promise<{ folder: string; remove(): Promise<void> }> {
    const change = { ...(await provider.resolve(repository, ref, signal)), ...changed };
    return layOut(await provider.checkout(repository, change, options, signal));
  }

  async function commits(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push(await workshop.commit('main', { 'a.txt': `${index}` }, `change ${index}`));
    return ids;
  }

  it('is what git itself would check out', async () => {
    const long = `${'deep/'.repeat(40)}${'n'.repeat(120)}.txt`;
    await workshop.commit('main', {
      '.gitattributes': '*.bat text eol=crlf\nhidden.txt export-ignore\nversion.py export-subst\n',
      'hidden.txt': 'hidden',
      'version.py': '$Format:%H$\n',
      'run.bat': 'a\nb\n',
      'tool.sh': '#!/bin/sh\n',
      'ünï cödé\n.txt': 'name',
      'empty.txt': '',
      'pixel.png': Buffer.from([0, 255, 10, 13]),
      [long]: 'long',
    });
    await chmod(path.join(workshop.folder, 'tool.sh'), 0o755);
    await workshop.link('a'.repeat(150), 'link');
    await workshop.record('more');
    await git(folder, 'clone', '--quiet', workshop.folder, 'expected');
    const tree = await unpack('main');
    expect(await listing(tree.folder)).toEqual(await listing(path.join(folder, 'expected')));
    expect(await readFile(path.join(tree.folder, 'run.bat'), 'utf8')).toBe('a\r\nb\r\n');
    expect(await git(tree.folder, 'status', '--porcelain')).toBe('');
    await tree.remove();
  });

  it('is clean for git without looking at contents, and shows what a job changes', async () => {
    await workshop.commit('main', { 'a.txt': 'a', 'b.sh': 'b', 'c/d.txt': '' });
    await workshop.link('a.txt', 'link');
    await workshop.record();
    const tree = await unpack('main');
    expect(await git(tree.folder, 'diff-files')).toBe('');
    expect(await git(tree.folder, 'diff-index', 'HEAD')).toBe('');
    await writeFile(path.join(tree.folder, 'a.txt'), 'b');
    expect(await git(tree.folder, 'status', '--porcelain')).toBe('M a.txt'.padStart(8));
    await tree.remove();
  });

  it('has a sound repository: branch, origin, depth, tags', async () => {
    const ids = await commits(6);
    await git(workshop.folder, 'tag', '-a', '-m', 'annotated', 'v1.0', ids[4] ?? '');
    await git(workshop.folder, 'tag', 'light', ids[3] ?? '');
    await git(workshop.folder, 'tag', 'too-old', ids[0] ?? '');
    const tree = await unpack('main', { depth: 3, submodules: false });
    expect(await git(tree.folder, 'fsck', '--full')).toBe('');
    expect(await git(tree.folder, 'branch', '-a')).toBe('* main\n  remotes/origin/main');
    expect(await git(tree.folder, 'rev-list', '--count', 'HEAD')).toBe('3');
    expect(await git(tree.folder, 'rev-parse', '--is-shallow-repository')).toBe('true');
    expect(await git(tree.folder, 'tag')).toBe('light\nv1.0');
    expect(await git(tree.folder, 'describe', '--dirty')).toMatch(/^v1\.0-1-g[0-9a-f]+$/);
    expect(await git(tree.folder, 'remote', 'get-url', 'origin')).toBe(workshop.folder);
    await tree.remove();
  });

  it('has all of the history where the job wants it, and the next commit does not cut it off', async () => {
    const ids = await commits(6);
    await git(workshop.folder, 'tag', '-a', '-m', 'first', 'v0', ids[0] ?? '');
    for (const count of [6, 7]) {
      const tree = await unpack('main');
      expect(await git(tree.folder, 'rev-list', '--count', 'HEAD')).toBe(String(count));
      expect(await git(tree.folder, 'rev-parse', '--is-shallow-repository')).toBe('false');
      expect(await git(tree.folder, 'describe')).toMatch(/^v0-/);
      expect(await git(tree.folder, 'fsck', '--full')).toBe('');
      await tree.remove();
      await workshop.commit('main', { 'a.txt': 'next' }, 'next');
    }
  });

  it('is deeper than what was fetched first where the job wants it', async () => {
    await commits(8);
    await provider.resolve(repository, 'main', signal);
    const tree = await unpack('main', { depth: 6, submodules: false });
    expect(await git(tree.folder, 'rev-list', '--count', 'HEAD')).toBe('6');
    expect(await git(tree.folder, 'fsck', '--full')).toBe('');
    await tree.remove();
  });

  it('follows every parent of a merge to the depth', async () => {
    await commits(3);
    await workshop.commit('side', { 'a.txt': '2', 'side.txt': 'x' });
    await git(workshop.folder, 'checkout', '--quiet', 'main');
    await git(workshop.folder, 'merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
    const tree = await unpack('main', { depth: 2, submodules: false });
    expect(await git(tree.folder, 'rev-list', '--count', 'HEAD')).toBe('3');
    expect(await git(tree.folder, 'fsck', '--full')).toBe('');
    await tree.remove();
  });

  it('has a detached HEAD for a tag and for a pull request', async () => {
    const [id = ''] = await commits(1);
    await git(workshop.folder, 'tag', 'v1');
    const pullRequest = {
      number: 1,
      title: '',
      headBranch: 'x',
      headCommit: id,
      headRepository: 'a/b',
      author: null,
      baseCommit: null,
      headRef: null,
      headUrl: null,
    };
    for (const tree of [await unpack('v1'), await unpack('main', WHOLE, { kind: 'pull-request', pullRequest })]) {
      expect(await git(tree.folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
      expect(await git(tree.folder, 'rev-parse', 'HEAD')).toBe(id);
      await tree.remove();
    }
  });

  it('takes a branch name of another kind of host for a detached HEAD', async () => {
    await commits(1);
    const tree = await unpack('main', WHOLE, { branch: 'a branch\n[core]\n\tpager = touch x' });
    expect(await git(tree.folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
    await tree.remove();
  });

  it('needs nothing but a shell, tar and rm in the machine', async () => {
    await commits(1);
    const plan = await provider.checkout(repository, await provider.resolve(repository, null, signal), WHOLE, signal);
    const [programs, tree] = [path.join(folder, 'bin'), path.join(folder, 'tree')];
    for (const each of [programs, tree]) await mkdir(each);
    for (const each of ['tar', 'rm']) await symlink(`/bin/${each}`, path.join(programs, each));
    await promisify(execFile)('cp', [plan.files[0]?.from ?? '', path.join(folder, 'source.tar')]);
    await promisify(execFile)('/bin/sh', ['-c', plan.script], { cwd: tree, env: { PATH: programs, TERRARIUM_FOLDER: folder } });
    expect(await readFile(path.join(tree, 'a.txt'), 'utf8')).toBe('0');
    expect(await readdir(folder)).not.toContain('source.tar');
  });

  it('is made once for twenty who ask at once', async () => {
    await commits(2);
    const spy = await spyingGit(folder);
    const spied = new GitProvider({ ...context, config: { ...context.config, program: spy.program } });
    const change = await spied.resolve(repository, null, signal);
    const plans = await Promise.all(Array.from({ length: 20 }, () => spied.checkout(repository, change, WHOLE, new AbortController().signal)));
    expect(new Set(plans.map((plan) => plan.files[0]?.from)).size).toBe(1);
    const runs = (await spy.lines()).filter((line) => /^--git-dir=\S+ archive /.test(line));
    expect(runs).toHaveLength(1);
    await spied.close();
  });

  it('works for a repository that names its objects by SHA-256', async () => {
    const other = path.join(folder, 'sha256');
    await mkdir(other);
    await git(other, 'init', '--quiet', '--object-format=sha256');
    const shop = new Workshop(other);
    const id = await shop.commit('main', { 'a.txt': 'a' });
    repository = { url: other, credentials: null };
    const tree = await unpack(id, { depth: 1, submodules: false });
    expect(await git(tree.folder, 'status', '--porcelain')).toBe('');
    expect(await git(tree.folder, 'rev-parse', 'HEAD')).toBe(id);
    await tree.remove();
  });

  it('can be made of a repository that is shallow itself', async () => {
    await commits(4);
    await git(folder, 'clone', '--quiet', '--depth=2', `file://${workshop.folder}`, 'shallow');
    repository = { url: path.join(folder, 'shallow'), credentials: null };
    for (const depth of [1, 50, null]) {
      const tree = await unpack('main', { depth, submodules: false });
      expect(await git(tree.folder, 'rev-list', '--count', 'HEAD')).toBe(depth === 1 ? '1' : '2');
      expect(await git(tree.folder, 'fsck', '--full')).toBe('');
      await tree.remove();
    }
  });

  it('is refused where the tree would overwrite its own .git', async () => {
    await commits(1);
    const blob = await gitWithInput(workshop.folder, 'evil', 'hash-object', '-w', '--stdin');
    const inner = Buffer.concat([Buffer.from('100644 config\u0000'), Buffer.from(blob, 'hex')]);
    const evil = await gitWithInput(workshop.folder, inner, 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin');
    const outer = Buffer.concat([Buffer.from('40000 .git\u0000'), Buffer.from(evil, 'hex')]);
    const root = await gitWithInput(workshop.folder, outer, 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin');
    const id = await git(workshop.folder, 'commit-tree', root, '-m', 'evil');
    await git(workshop.folder, 'update-ref', 'refs/heads/evil', id);
    await expect(unpack('evil')).rejects.toMatchObject({ code: 'invalid' });
  });

  /** A commit of a tree that holds `width` times the same tree, and so on, `levels` deep; at the bottom are the entries `leaf`. */
  async function nested(levels: number, width: number, leaf: string): Promise<string> {
    let tree = await gitWithInput(workshop.folder, leaf, 'mktree');
    for (let level = 0; level < levels; level += 1) {
      const entries = Array.from({ length: width }, (_, index) => `040000 tree ${tree}\t${index}\n`);
      tree = await gitWithInput(workshop.folder, entries.join(''), 'mktree');
    }
    const id = await git(workshop.folder, 'commit-tree', tree, '-m', 'nested');
    await git(workshop.folder, 'update-ref', 'refs/heads/nested', id);
    return id;
  }

  /** Checks that what `nested` made is refused, and that nothing of it stays. */
  async function expectTooLarge(says: string, options = WHOLE): Promise<void> {
    await expect(unpack('nested', options)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(says) });
    expect(await readdir(path.join(context.folder, 'tmp'))).toEqual([]);
    expect(await readdir(path.join(context.folder, 'archives'))).toEqual([]);
  }

  it.each(['a file', 'nothing'])(
    'is refused with a small repository that stands for more files and folders than anybody has: %s at the bottom',
    async (bottom) => {
      await commits(1);
      const blob = await git(workshop.folder, 'rev-parse', 'HEAD:a.txt');
      await nested(12, 20, bottom === 'nothing' ? '' : `100644 blob ${blob}\ta.txt\n`);
      await expectTooLarge('1000000 files');
    },
  );

  it('is refused where the same large file is in it many times over', async () => {
    await workshop.commit('main', { 'large.bin': Buffer.alloc(32 * 1024 * 1024) });
    const blob = await git(workshop.folder, 'rev-parse', 'HEAD:large.bin');
    await nested(2, 20, `100644 blob ${blob}\tlarge.bin\n`);
    await expectTooLarge('10 GB');
  });

  it('is refused where its submodules are too large, unless none are wanted', async () => {
    await commits(1);
    const blob = await git(workshop.folder, 'rev-parse', 'HEAD:a.txt');
    const half = await nested(5, 14, `100644 blob ${blob}\ta.txt\n`);
    const description = '[submodule "a"]\n\tpath = a\n\turl = ./\n[submodule "b"]\n\tpath = b\n\turl = ./\n';
    const modules = await gitWithInput(workshop.folder, description, 'hash-object', '-w', '--stdin');
    await nested(0, 0, `100644 blob ${modules}\t.gitmodules\n160000 commit ${half}\ta\n160000 commit ${half}\tb\n`);
    await expectTooLarge('1000000 files', { depth: 1, submodules: true });
    await (await unpack('nested')).remove();
  });

  it('is refused with a path that no system opens', async () => {
    await commits(1);
    let tree = await git(workshop.folder, 'rev-parse', 'HEAD^{tree}');
    for (let level = 0; level < 50; level += 1) tree = await gitWithInput(workshop.folder, `040000 tree ${tree}\t${'n'.repeat(100)}\n`, 'mktree');
    await nested(0, 0, `040000 tree ${tree}\tdeep\n`);
    await expectTooLarge('4096 bytes');
  });

  it('leaves no temporary file, lock or process when it is aborted at any point', async () => {
    await commits(3);
    await workshop.commit('main', { 'large.bin': Buffer.alloc(20_000_000, 7) });
    const change = await provider.resolve(repository, 'main', signal);
    const started = async (): Promise<boolean> => (await readdir(path.join(context.folder, 'tmp')).catch(() => [])).length > 0;
    for (const meanwhile of [async () => true, started]) {
      const controllers = [new AbortController(), new AbortController()];
      const making = controllers.map((each) => provider.checkout(repository, change, { depth: 2, submodules: false }, each.signal));
      const outcomes = Promise.allSettled(making);
      while (!(await meanwhile())) await new Promise((resolve) => setImmediate(resolve));
      for (const each of controllers) each.abort(new Error('enough'));
      expect(await outcomes).toEqual(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: new Error('enough') })));
      expect(await started()).toBe(false);
    }
    const tree = await unpack('main', { depth: 2, submodules: false });
    await tree.remove();
  });

  it('is forgotten when room is needed and nobody used it lately', async () => {
    const small = new GitProvider({ ...context, config: { ...context.config, archiveMegabytes: 0.001 } });
    const [first = '', second = ''] = await commits(2);
    const archive = async (id: string): Promise<string> => {
      const plan = await small.checkout(repository, await small.resolve(repository, id, signal), WHOLE, signal);
      return plan.files[0]?.from ?? '';
    };
    const old = await archive(first);
    await utimes(old, 1_000_000, 1_000_000);
    const recent = await archive(second);
    const left = await readdir(path.join(context.folder, 'archives'));
    expect(left).toEqual([path.basename(recent)]);
    expect(await archive(first)).toBe(old);
    expect(await readdir(path.join(context.folder, 'archives'))).toHaveLength(2);
    await small.close();
  });
});

/** Every file below a folder but `.git`: kind, executable or not, content. */
async function listing(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name !== '.git' && !name.startsWith('.git/'));
  const found = await Promise.all(names.map(async (name): Promise<[string, string]> => [name, await describeFile(path.join(folder, name))]));
  return Object.fromEntries(found);
}

async function describeFile(file: string): Promise<string> {
  const found = await lstat(file);
  if (found.isSymbolicLink()) return `link ${await readlink(file)}`;
  if (found.isDirectory()) return 'folder';
  return `${(found.mode & 0o777).toString(8)} ${(await readFile(file)).toString('hex')}`;
}
