import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PluginError } from '#plugins/api';
import { MOST_FILES, pathPattern, tooManyFiles } from '#plugins/kit/path-pattern';
import { HgFailure } from './hg-errors.ts';
import type { HgMirror } from './hg-mirror.ts';

const LARGEST_FILE = 1024 * 1024;
const TEMPLATE = '{dict(path=path, size=size, flags=flags)|json}\n';
const ListedFile = z.object({ path: z.string(), size: z.number(), flags: z.string() });
/** What ends a tar archive, and so is one that holds nothing. */
const EMPTY_TAR = Buffer.alloc(10_240);

/**
 * The texts of those paths that are regular files of a changeset. Throws `invalid` for too many files of one pattern and for one of more than 1 MB, which is not read. `path:` makes hg take a path as it is, but
 * still as a folder, too: only files that are called exactly so count.
 */
export async function readTexts(mirror: HgMirror, commit: string, paths: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const wantedPaths: string[] = [];
  for (const one of paths) wantedPaths.push(...(await expand(mirror, commit, one, signal)));
  const plain = wantedPaths.filter(isPlain);
  const listed =
    plain.length === 0
      ? new Map<string, z.infer<typeof ListedFile>>()
      : await listFiles(
          mirror,
          commit,
          plain.map((each) => `path:${each}`),
          signal,
        );
  const texts = new Map<string, string>();
  for (const wanted of wantedPaths) {
    const file = listed.get(wanted);
    if (file === undefined || file.flags.includes('l')) continue;
    if (file.size > LARGEST_FILE) throw new PluginError('invalid', `${wanted} is larger than 1 MB.`);
    texts.set(wanted, (await mirror.run(['cat', '-r', commit, '--', `path:${wanted}`], signal)).toString('utf8'));
  }
  return texts;
}

/** The path, or the files of its folder that it stands for. */
async function expand(mirror: HgMirror, commit: string, wanted: string, signal: AbortSignal): Promise<string[]> {
  const pattern = pathPattern(wanted);
  if (pattern === null) return [wanted];
  const folder = pattern.folder === '' ? '.' : pattern.folder;
  if (folder !== '.' && !isPlain(folder)) return [];
  const listed = await listFiles(mirror, commit, [`rootfilesin:${folder}`], signal);
  const found = [...listed.keys()].filter((name) => pattern.fits(path.posix.basename(name))).toSorted();
  if (found.length > MOST_FILES) throw new PluginError('invalid', tooManyFiles(wanted));
  return found;
}

/** Lets hg write the files of a changeset, and `.hg_archival.txt`, to a tar archive in `folder`. Returns its file. */
export async function archiveTree(mirror: HgMirror, commit: string, folder: string, signal: AbortSignal): Promise<string> {
  const file = path.join(folder, 'tree.tar');
  const handle = await open(file, 'w', 0o600);
  try {
    await mirror.run(['archive', '-r', commit, '--type', 'tar', '--prefix', '.', '-'], signal, handle.fd);
  } catch (error) {
    if (!(error instanceof HgFailure) || !/no files match/i.test(error.detail)) throw error;
    await writeFile(file, EMPTY_TAR);
  } finally {
    await handle.close();
  }
  return file;
}

async function listFiles(
  mirror: HgMirror,
  commit: string,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, z.infer<typeof ListedFile>>> {
  try {
    const output = await mirror.run(['files', '-r', commit, '-T', TEMPLATE, '--', ...patterns], signal);
    const lines = output.toString('utf8').split('\n').slice(0, -1);
    return new Map(lines.map((line) => ListedFile.parse(JSON.parse(line))).map((file) => [file.path, file]));
  } catch (error) {
    // How hg says that no file matches.
    if (error instanceof HgFailure && error.exitCode === 1) return new Map();
    throw error;
  }
}

/** Whether a path can be one of a file in a repository as it is written. */
function isPlain(text: string): boolean {
  return text !== '' && !/[\u0000-\u001f\u007f\\]/.test(text) && !text.split('/').some((part) => part === '' || part === '.' || part === '..');
}
