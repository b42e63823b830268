import { execFile } from 'node:child_process';
import { access, appendFile, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../verb.ts';

const run = promisify(execFile);

/** A folder of somebody's work, as a repository that can be built. */
export interface Snapshot {
  /** What to fetch from. */
  readonly url: string;
  /** What of it. */
  readonly commit: string;
  /** A sentence for people where it is not simply the last commit; null where it is. */
  readonly note: string | null;
}

/**
 * The work tree in `folder` as it is now, changes that are not committed and new files included (ignored ones left out), as a commit of a bare repository
 * in `scratch`. The folder's own repository is only read. A folder without one is taken whole.
 */
export async function snapshot(folder: string, scratch: string): Promise<Snapshot> {
  const root = await topLevel(folder);
  const head = root === null ? null : await headOf(root);
  if (root !== null && head !== null && (await git(['-C', root, 'status', '--porcelain', '--untracked-files=normal'])) === '') {
    return { url: root, commit: head, note: null };
  }
  const bare = join(scratch, 'work.git');
  await git(['init', '--quiet', '--bare', bare]);
  if (root !== null) await borrowObjects(root, bare);
  const env = { GIT_DIR: bare, GIT_WORK_TREE: root ?? folder, GIT_INDEX_FILE: join(bare, 'index') };
  await git(['add', '--all'], env);
  const tree = await git(['write-tree'], env);
  const commit = await git(['commit-tree', tree, ...(head === null ? [] : ['-p', head]), '-m', 'Work that is not committed yet'], {
    ...env,
    ...IDENTITY,
  });
  await git(['--git-dir', bare, 'update-ref', `refs/heads/${(root && (await branchOf(root))) ?? 'work'}`, commit]);
  const note = head === null ? 'there is no commit yet: building the files as they are' : `building uncommitted work on top of ${head.slice(0, 10)}`;
  return { url: bare, commit, note };
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'terrarium run',
  GIT_AUTHOR_EMAIL: 'run@localhost',
  GIT_COMMITTER_NAME: 'terrarium run',
  GIT_COMMITTER_EMAIL: 'run@localhost',
};

/** The new repository sees the old one's objects in place, instead of copies. */
async function borrowObjects(root: string, bare: string): Promise<void> {
  const common = await git(['-C', root, 'rev-parse', '--path-format=absolute', '--git-common-dir']);
  await mkdir(join(bare, 'objects/info'), { recursive: true });
  await appendFile(join(bare, 'objects/info/alternates'), `${join(common, 'objects')}\n`);
  // Without this, a shallow clone's missing parents would look like damage.
  const shallow = join(common, 'shallow');
  await access(shallow).then(
    async () => appendFile(join(bare, 'shallow'), `${await git(['-C', root, 'rev-list', '--max-parents=0', 'HEAD'])}\n`),
    () => undefined,
  );
}

async function topLevel(folder: string): Promise<string | null> {
  try {
    return await realpath(await git(['-C', folder, 'rev-parse', '--show-toplevel']));
  } catch (error) {
    if (isMissing(error)) throw new UsageError('git is not installed here, and everything begins with it: install it.');
    return null;
  }
}

async function headOf(root: string): Promise<string | null> {
  return await git(['-C', root, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => null);
}

async function branchOf(root: string): Promise<string | null> {
  return await git(['-C', root, 'symbolic-ref', '--quiet', '--short', 'HEAD']).catch(() => null);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function git(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run('git', [...args], { env: { ...process.env, ...env, GIT_TERMINAL_PROMPT: '0' }, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}
