import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Attributes of this file win over those of the tree: an archive then holds what a checkout would. */
const ATTRIBUTES = '* -export-ignore -export-subst\n';
const FOLDERS = ['objects/pack', 'objects/info', 'refs/heads', 'refs/terrarium', 'info'];

/**
 * Makes a bare repository by hand, unless there is one: that saves a process, and no template of the host gets in. Whether objects are
 * named by SHA-1 or SHA-256 is seen from `commit`, an id of the repository that is mirrored.
 */
export async function makeRepository(directory: string, commit: string): Promise<void> {
  if (await exists(path.join(directory, 'config'))) return;
  for (const folder of FOLDERS) await mkdir(path.join(directory, folder), { recursive: true, mode: 0o700 });
  const sha256 = commit.length === 64;
  const format = sha256 ? '\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n' : '\trepositoryformatversion = 0\n';
  await writeFile(path.join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(directory, 'info', 'attributes'), ATTRIBUTES);
  // Last: with it the repository counts as made.
  await writeFile(path.join(directory, 'config'), `[core]\n\tbare = true\n${format}`);
}

/** Removes a repository. Whoever has files of it open can read on. */
export async function discardRepository(directory: string): Promise<void> {
  const away = `${directory}.broken`;
  await rm(away, { recursive: true, force: true });
  await rename(directory, away);
  await rm(away, { recursive: true, force: true });
}

/** Removes what a killed git left behind. Only for whoever knows that no git writes there now. */
export async function removeLocks(directory: string): Promise<void> {
  for (const place of ['', 'refs/terrarium', 'objects', 'objects/pack']) {
    const names = await namesIn(path.join(directory, place));
    const stale = names.filter((name) => name.endsWith('.lock') || /^(?:tmp_|incoming-)/.test(name));
    for (const name of stale) await rm(path.join(directory, place, name), { recursive: true, force: true });
  }
}

/** Forgets the tags that came along with fetches: they are not what tells where a tag points, and can be in the way of new ones. */
export async function dropTags(directory: string): Promise<void> {
  await rm(path.join(directory, 'refs', 'tags'), { recursive: true, force: true });
}

/** Whether history was cut off anywhere. */
export async function isShallow(directory: string): Promise<boolean> {
  try {
    return (await stat(path.join(directory, 'shallow'))).size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whether a fetch ever succeeded. */
export async function hasFetched(directory: string): Promise<boolean> {
  return (await namesIn(path.join(directory, 'refs', 'terrarium'))).length > 0;
}

export async function countPacks(directory: string): Promise<number> {
  return (await namesIn(path.join(directory, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).length;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
