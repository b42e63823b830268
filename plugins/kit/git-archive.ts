import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PluginError } from '#plugins/api';
import { walkHistory } from './git-history.ts';
import { writeIndex, type IndexEntry } from './git-index.ts';
import type { ListedRef } from './git-listing.ts';
import type { GitMirror } from './git-mirror.ts';
import type { CheckoutSize } from './git-checkout-size.ts';
import { streamGit } from './git-stream.ts';
import type { Submodule } from './git-submodules.ts';
import { scanTar, type TarContent, type TarWriter } from './git-tar.ts';
import type { TreeFile } from './git-tree.ts';

/** What a repository in an archive looks like. */
export interface ArchivedRepository {
  readonly mirror: GitMirror;
  readonly commit: string;
  /** The branch that is checked out there; null: a detached HEAD. */
  readonly branch: string | null;
  /** Generations of history; null: all. */
  readonly depth: number | null;
  readonly files: readonly TreeFile[];
  /** Those that are in the archive, too. */
  readonly submodules: readonly Submodule[];
}

interface Kept {
  readonly boundary: readonly string[];
  /** Tags by full name that point into the history. */
  readonly tags: ReadonlyMap<string, ListedRef>;
}

/** Lets git write the files of a commit to a tar archive at `file`, below `prefix`; what is written is counted in `total`. Throws `invalid` when that is too much. */
export async function archiveFiles(
  { mirror, commit }: ArchivedRepository,
  prefix: string,
  file: string,
  total: CheckoutSize,
  signal: AbortSignal,
): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    const place = prefix === '' ? [] : [`--prefix=${Buffer.from(prefix, 'latin1').toString('utf8')}`];
    const args = [`--git-dir=${mirror.directory}`, 'archive', '--format=tar', ...place, commit];
    const write = async (piece: Buffer): Promise<void> => {
      total.addWritten(piece.length);
      await handle.writeFile(piece);
    };
    await streamGit(mirror.git, { ...(await mirror.local()), args }, write, signal);
  } finally {
    await handle.close();
  }
}

/** The history a work tree gets, as a pack in `folder`, which must be new. */
export async function packHistory(repository: ArchivedRepository, folder: string, signal: AbortSignal): Promise<Kept> {
  const { mirror, commit } = repository;
  await mkdir(folder);
  const kept = await selectHistory(repository, signal);
  const shallow = path.join(folder, 'shallow');
  await writeFile(shallow, kept.boundary.map((id) => `${id}\n`).join(''));
  const tips = [commit, ...[...kept.tags.values()].map(({ object }) => object)];
  const args = [`--git-dir=${mirror.directory}`, 'pack-objects', '--revs', '--quiet', '--window=0', '--delta-base-offset', path.join(folder, 'pack')];
  await mirror.git.run({ ...(await mirror.local({ GIT_SHALLOW_FILE: shallow })), args, input: tips.map((id) => `${id}\n`).join('') }, signal);
  return kept;
}

/** Writes the `.git` folder below `prefix`. `content` is what the archive holds of the work tree. */
export async function writeRepository(
  tar: TarWriter,
  repository: ArchivedRepository,
  prefix: string,
  content: TarContent,
  folder: string,
  kept: Kept,
): Promise<void> {
  const git = `${prefix}.git`;
  const { commit, branch } = repository;
  for (const each of ['', '/objects', '/objects/info', '/objects/pack', '/refs', '/refs/heads', '/refs/tags']) await tar.folder(git + each);
  await tar.file(`${git}/HEAD`, bytes(branch === null ? `${commit}\n` : `ref: refs/heads/${branch}\n`));
  await tar.file(`${git}/config`, bytes(configuration(repository)));
  await tar.file(`${git}/packed-refs`, bytes(packedRefs(commit, branch, kept.tags)));
  if (kept.boundary.length > 0) await tar.file(`${git}/shallow`, await readFile(path.join(folder, 'shallow')));
  for (const name of (await readdir(folder)).filter((each) => /\.(?:pack|idx)$/.test(each))) {
    await tar.copy(`${git}/objects/pack/${name}`, path.join(folder, name));
  }
  await tar.file(`${git}/index`, writeIndex(indexEntries(repository.files, content, prefix), commit.length === 64 ? 'sha256' : 'sha1'));
}

/** Reads what `archiveFiles` wrote. */
export async function contentOf(file: string): Promise<TarContent> {
  const handle = await open(file, 'r');
  try {
    return await scanTar(handle);
  } finally {
    await handle.close();
  }
}

async function selectHistory(repository: ArchivedRepository, signal: AbortSignal): Promise<Kept> {
  const { mirror, commit, depth } = repository;
  const tags = [...(mirror.listing?.refs ?? [])].filter(([name]) => name.startsWith('refs/tags/'));
  const reader = await mirror.reader(signal);
  try {
    const { commits, boundary } =
      depth === null ? await wholeHistory(mirror, commit, tags.length > 0, signal) : await walkHistory(reader, commit, depth);
    const inside = tags.filter(([, ref]) => commits.has(ref.commit));
    const objects = await reader.read(inside.map(([, ref]) => ref.object));
    // A tag object that the fetch did not bring along is left out: the commit itself is there.
    return { boundary, tags: new Map(inside.filter((_, at) => objects[at] !== null)) };
  } finally {
    await reader.close();
  }
}

async function wholeHistory(
  mirror: GitMirror,
  commit: string,
  wanted: boolean,
  signal: AbortSignal,
): Promise<{ commits: ReadonlySet<string>; boundary: string[] }> {
  const boundary = (await readFile(path.join(mirror.directory, 'shallow'), 'utf8').catch(noFile)).split('\n').filter((line) => line !== '');
  if (!wanted && boundary.length === 0) return { commits: new Set(), boundary: [] };
  const args = [`--git-dir=${mirror.directory}`, 'rev-list', commit];
  const commits = new Set((await mirror.git.run({ ...(await mirror.local()), args }, signal)).toString('latin1').trim().split('\n'));
  return { commits, boundary: boundary.filter((id) => commits.has(id)) };
}

function indexEntries(files: readonly TreeFile[], content: TarContent, prefix: string): IndexEntry[] {
  return files.map(({ path: name, mode, id }) => {
    const found = content.files.get(prefix + name);
    if (found === undefined && mode !== '160000')
      throw new PluginError('unavailable', `git archive left out ${JSON.stringify(name)}: the work tree would not be whole.`);
    const plain = mode.startsWith('100') ? (Number.parseInt(mode, 8) % 0o200 >= 0o100 ? '100755' : '100644') : mode;
    return { path: name, mode: plain, id, size: found?.size ?? null, modified: found?.modified ?? 0 };
  });
}

/** Sorted by name, as git wants it. The branch of the work tree and the one of `origin` are the same commit. */
function packedRefs(commit: string, branch: string | null, tags: ReadonlyMap<string, ListedRef>): string {
  const lines = new Map([...tags].map(([name, ref]) => [name, ref.object === ref.commit ? ref.object : `${ref.object} ${name}\n^${ref.commit}`]));
  if (branch !== null) for (const name of [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`]) lines.set(name, commit);
  const sorted = [...lines].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [
    '# pack-refs with: peeled fully-peeled sorted \n',
    ...sorted.map(([name, value]) => (value.includes(' ') ? `${value}\n` : `${value} ${name}\n`)),
  ].join('');
}

/** `checkStat` makes git compare size and seconds only: inode, owner and change time are the machine's own. */
function configuration({ mirror, branch, commit, submodules }: ArchivedRepository): string {
  const sha256 = commit.length === 64;
  const format = sha256 ? '\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n' : '\trepositoryformatversion = 0\n';
  const core = `[core]\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n\tcheckStat = minimal\n\ttrustctime = false\n${format}`;
  const origin = `[remote "origin"]\n\turl = ${quote(mirror.url.text)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  const followed = branch === null ? '' : `[branch ${quote(branch)}]\n\tremote = origin\n\tmerge = ${quote(`refs/heads/${branch}`)}\n`;
  const active = submodules.map(({ name, url }) => `[submodule ${quote(name)}]\n\tactive = true\n\turl = ${quote(url.text)}\n`);
  return [core, origin, followed, ...active].join('');
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, String.raw`\$&`)}"`;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function noFile(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
