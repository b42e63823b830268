import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Change, type Repository, type ScmProvider } from '../index.ts';
import { layOut } from './lay-out.ts';

/** A provider under test and the hands that change what its code host holds. */
export interface ScmSubject {
  readonly provider: ScmProvider;
  /** A repository without any commit. Every call makes a new one. */
  create(): Promise<ScmTestRepository>;
  /** A repository that is not there, at a host that is. */
  readonly missing: Repository;
  /** A repository this kind of host would never have: refused with `invalid`. */
  readonly hostile: Repository;
  /** Length of a full commit id. */
  readonly commitLength: number;
  close(): Promise<void>;
}

/** A repository of the code host as somebody with a clone sees it. */
export interface ScmTestRepository {
  readonly repository: Repository;
  /** Puts a commit with exactly these files on a branch and publishes it; the first branch is the default. Returns its id. */
  readonly commit: (branch: string, files: Readonly<Record<string, string>>, message: string) => Promise<string>;
  /** Publishes a tag at a commit. Returns the id that the tag stands for. A host may make a commit for it (Mercurial does). */
  readonly tag: (name: string, commit: string) => Promise<string>;
}

const signal = AbortSignal.timeout(600_000);
const WHOLE = { depth: null, submodules: false } as const;
const HOSTILE_REFS = [
  '',
  '-x',
  '--upload-pack=touch /tmp/x',
  'a..b',
  'a b',
  'a\nb',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a@{b',
  'a.lock',
  'a//b',
  'a/',
];

/** What a kind of code host is like. */
export interface ScmKind {
  /** Those of the refs that git would refuse which it can have: Mercurial has branches with blanks in their names. */
  readonly legal?: readonly string[];
  /** A repository has one branch and one revision, so that `commit` makes another: from then on `repository` is that one. Tests of branches, tags and pushes are left out. */
  readonly isSingle?: boolean;
}

/** What every `ScmProvider` must keep; the fake runs it first. */
export function describeScmProvider(title: string, setUp: () => Promise<ScmSubject>, { legal = [], isSingle = false }: ScmKind = {}): void {
  describe(`${title} keeps the contract of ScmProvider`, () => {
    let subject: ScmSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(() => subject.close());
    const published = async (): Promise<ScmTestRepository & { first: string }> => {
      const made = await subject.create();
      const first = await made.commit('main', { 'setup.py': 'setup()\n', 'pkg/__init__.py': '# é\n' }, 'first');
      return {
        get repository() {
          return made.repository;
        },
        commit: made.commit,
        tag: made.tag,
        first,
      };
    };
    const several = it.skipIf(isSingle);
    refsTests(() => subject, published, several);
    resolveTests(() => subject, published, several, legal);
    changeTests(() => subject, published, several);
    readTests(() => subject, published);
    checkoutTests(() => subject, published, several);
  });
}

/** Declares a test of what a repository with one revision does not have. */
type Several = ReturnType<typeof it.skipIf>;
type Subject = () => ScmSubject;
type Published = () => Promise<ScmTestRepository & { first: string }>;

function refsTests(subject: Subject, published: Published, several: Several): void {
  it('matches its own URLs and no nonsense', () => {
    expect(subject().provider.matches(subject().missing.url)).toBe(true);
    for (const url of ['', ' ', '-x', 'javascript:alert(1)', 'a\nb']) expect(subject().provider.matches(url), url).toBe(false);
  });

  several('lists branches and tags and knows the default branch', async () => {
    const { repository, first, commit, tag } = await published();
    const side = await commit('side', { 'a.txt': 'a' }, 'second');
    await tag('v1.0', first);
    const { refs, defaultBranch } = await subject().provider.refs(repository, signal);
    expect(defaultBranch).not.toBeNull();
    expect(refs).toContainEqual({ kind: 'branch', name: 'side', commit: side });
    expect(refs.find((ref) => ref.kind === 'tag' && ref.name === 'v1.0')?.commit).toBe(first);
  });

  several('finds no refs in an empty repository, and nothing to resolve', async () => {
    const { repository } = await subject().create();
    expect((await subject().provider.refs(repository, signal)).refs).toEqual([]);
    await expect(subject().provider.resolve(repository, null, signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('says not-found for a repository that is not there and invalid for one that cannot be', async () => {
    await expect(subject().provider.refs(subject().missing, signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(subject().provider.refs(subject().hostile, signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(subject().provider.resolve(subject().hostile, null, signal)).rejects.toMatchObject({ code: 'invalid' });
  });
}

function resolveTests(subject: Subject, published: Published, several: Several, legal: readonly string[]): void {
  several('resolves the default branch, a branch, a tag and a full commit id', async () => {
    const { repository, first, tag } = await published();
    const tagged = await tag('v2.0', first);
    const byDefault = await subject().provider.resolve(repository, null, signal);
    expect(Change.parse(byDefault)).toEqual(byDefault);
    expect((await subject().provider.resolve(repository, byDefault.branch, signal)).commit).toBe(byDefault.commit);
    expect(await subject().provider.resolve(repository, 'v2.0', signal)).toMatchObject({ kind: 'tag', tag: 'v2.0', commit: tagged });
    expect(await subject().provider.resolve(repository, first, signal)).toMatchObject({ kind: 'push', commit: first, message: 'first' });
    expect(first).toHaveLength(subject().commitLength);
  });

  several('takes the branch where a tag has its name, and either by its full name', async () => {
    const { repository, first, commit, tag } = await published();
    await commit('both', { 'b.txt': 'b' }, 'second');
    const tagged = await tag('both', first);
    expect(await subject().provider.resolve(repository, 'both', signal)).toMatchObject({ kind: 'push', branch: 'both', tag: null });
    expect(await subject().provider.resolve(repository, 'refs/heads/both', signal)).toMatchObject({
      kind: 'push',
      branch: 'both',
      message: 'second',
    });
    expect(await subject().provider.resolve(repository, 'refs/tags/both', signal)).toMatchObject({ kind: 'tag', tag: 'both', commit: tagged });
  });

  several('sees what was pushed since the last call', async () => {
    const { repository, commit } = await published();
    await subject().provider.resolve(repository, 'main', signal);
    const second = await commit('main', { 'b.txt': 'b' }, 'second');
    expect(await subject().provider.resolve(repository, 'main', signal)).toMatchObject({ commit: second, branch: 'main', message: 'second' });
  });

  it('says not-found for an unknown branch and an unknown commit', async () => {
    const { repository } = await published();
    await expect(subject().provider.resolve(repository, 'nowhere', signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(subject().provider.resolve(repository, 'e'.repeat(subject().commitLength), signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each(HOSTILE_REFS.filter((ref) => !legal.includes(ref)))('refuses the ref %j', async (ref) => {
    await expect(subject().provider.resolve(subject().missing, ref, signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('throws the reason of an aborted signal', async () => {
    const { repository } = await published();
    const reason = new Error('enough');
    await expect(subject().provider.resolve(repository, null, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(subject().provider.refs(repository, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}

function changeTests(subject: Subject, published: Published, several: Several): void {
  it('tells repositories apart, and reads no nonsense', async () => {
    const { provider } = subject();
    const [one, other] = [await subject().create(), await subject().create()];
    expect(provider.identify(one.repository.url)).toBeTruthy();
    expect(provider.identify(one.repository.url)).toBe(provider.identify(one.repository.url));
    expect(provider.identify(one.repository.url)).not.toBe(provider.identify(other.repository.url));
    for (const url of ['', '-x', 'javascript:alert(1)']) expect(provider.identify(url), url).toBeNull();
  });

  several('gives the change at just the commit that was told of, though the branch went on', async () => {
    const { repository, first, commit } = await published();
    await commit('main', { 'later.txt': '' }, 'later');
    const change = await subject().provider.change(repository, { kind: 'branch', name: 'main', commit: first }, signal);
    expect(Change.parse(change)).toEqual(change);
    expect(change).toMatchObject({ kind: 'push', branch: 'main', tag: null, commit: first, message: 'first', pullRequest: null });
    expect([...(await subject().provider.readFiles(repository, change.commit, ['later.txt', 'setup.py'], signal)).keys()]).toEqual(['setup.py']);
  });

  several('gives the change of a tag that was told of', async () => {
    const { repository, first, tag } = await published();
    const tagged = await tag('v3.0', first);
    const change = await subject().provider.change(repository, { kind: 'tag', name: 'v3.0', commit: tagged }, signal);
    expect(change).toMatchObject({ kind: 'tag', branch: 'v3.0', tag: 'v3.0', commit: tagged });
  });

  it('says not-found for a commit that is not there, and refuses what is no id and no name', async () => {
    const { repository, first } = await published();
    const ask = (name: string, commit: string): Promise<Change> => subject().provider.change(repository, { kind: 'branch', name, commit }, signal);
    await expect(ask('main', 'e'.repeat(subject().commitLength))).rejects.toMatchObject({ code: 'not-found' });
    await expect(ask('main', 'main')).rejects.toMatchObject({ code: 'invalid' });
    await expect(ask('--upload-pack=touch /tmp/x', first)).rejects.toMatchObject({ code: 'invalid' });
    const reason = new Error('enough');
    const aborted = subject().provider.change(repository, { kind: 'branch', name: 'main', commit: first }, AbortSignal.abort(reason));
    await expect(aborted).rejects.toBe(reason);
  });
}

function readTests(subject: Subject, published: Published): void {
  it('reads the texts of the files that exist, folders and escapes not', async () => {
    const { repository, first } = await published();
    const paths = ['setup.py', 'pkg/__init__.py', 'pkg', 'none.yml', '../etc/passwd', '/etc/passwd', 'setup.py/x', ''];
    const texts = await subject().provider.readFiles(repository, first, paths, signal);
    expect([...texts]).toEqual([
      ['setup.py', 'setup()\n'],
      ['pkg/__init__.py', '# é\n'],
    ]);
  });

  it('reads all files of a folder that a path with a star stands for', async () => {
    const made = await published();
    const files = { 'ci/b.yml': 'b', 'ci/a.yml': 'a', 'ci/c.yaml': 'c', 'ci/deep/d.yml': 'd', 'top.yml': 'top' };
    const id = await made.commit('main', files, 'several');
    const ask = async (...paths: string[]): Promise<string[]> => [...(await subject().provider.readFiles(made.repository, id, paths, signal)).keys()];
    expect(await ask('ci/*.yml')).toEqual(['ci/a.yml', 'ci/b.yml']);
    expect(await ask('ci/*.yml', 'ci/*.yaml', '*.yml')).toEqual(['ci/a.yml', 'ci/b.yml', 'ci/c.yaml', 'top.yml']);
    expect(await ask('none/*.yml', 'setup.py/*', '../*', 'ci/x*')).toEqual([]);
  });

  it('reads 30 files that a path with a star stands for, and refuses more with invalid', async () => {
    const made = await published();
    const files = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`ci/${index}.yml`, 'x']));
    const ask = async (id: string): Promise<number> => (await subject().provider.readFiles(made.repository, id, ['ci/*.yml'], signal)).size;
    expect(await ask(await made.commit('main', files(30), 'all that are read'))).toBe(30);
    await expect(ask(await made.commit('main', files(31), 'one more'))).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('ci/*.yml'),
    });
  });

  it('reads a file of exactly 1 MB and refuses a larger one with invalid', async () => {
    const made = await published();
    const id = await made.commit('main', { fits: 'x'.repeat(1024 * 1024), large: 'x'.repeat(1024 * 1024 + 1) }, 'large');
    expect((await subject().provider.readFiles(made.repository, id, ['fits'], signal)).get('fits')).toHaveLength(1024 * 1024);
    await expect(subject().provider.readFiles(made.repository, id, ['large'], signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('says not-found for a commit that is not there', async () => {
    const { repository } = await published();
    const unknown = subject().provider.readFiles(repository, 'e'.repeat(subject().commitLength), ['setup.py'], signal);
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' });
  });
}

function checkoutTests(subject: Subject, published: Published, several: Several): void {
  several('lays out the work tree of the commit, also when the branch went on', async () => {
    const { repository, commit, first } = await published();
    const change = await subject().provider.resolve(repository, first, signal);
    await commit('main', { 'later.txt': '' }, 'later');
    const tree = await layOut(await subject().provider.checkout(repository, change, WHOLE, signal));
    expect(await readFile(path.join(tree.folder, 'pkg/__init__.py'), 'utf8')).toBe('# é\n');
    await expect(readFile(path.join(tree.folder, 'later.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
    await tree.remove();
  });

  several('has one script for all changes, and the same plan for the same one, however many ask at once', async () => {
    const { repository, commit, first } = await published();
    const { provider } = subject();
    const change = await provider.resolve(repository, first, signal);
    const plans = await Promise.all(Array.from({ length: 5 }, () => provider.checkout(repository, change, WHOLE, signal)));
    for (const plan of plans) expect(plan).toEqual(plans[0]);
    await commit('main', { 'x; touch y': 'a' }, 'hostile name');
    const other = await provider.checkout(repository, await provider.resolve(repository, 'main', signal), WHOLE, signal);
    expect(other.script).toBe(plans[0]?.script);
    if (other.archive !== undefined) expect(other.files.map((file) => file.name)).toEqual([other.archive]);
  });

  it('throws the reason of an aborted signal', async () => {
    const { repository, first } = await published();
    const change = await subject().provider.resolve(repository, first, signal);
    const reason = new Error('enough');
    await expect(subject().provider.checkout(repository, change, WHOLE, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}
