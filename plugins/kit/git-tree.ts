import { PluginError } from '#plugins/api';
import type { CheckoutSize } from './git-checkout-size.ts';
import type { GitMirror } from './git-mirror.ts';
import { streamGit } from './git-stream.ts';

/** A file or submodule of a commit. `path` has one character per byte. */
export interface TreeFile {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  /** Bytes as they are stored; 0 of a submodule. */
  readonly size: number;
  readonly path: string;
}

/** No system of ours opens longer ones. */
const LONGEST_PATH = 4096;
/** Bytes of all paths together. */
const LARGEST_LIST = 256 * 1024 * 1024;
/** Before the path of a line are mode, type, id and size. */
const LONGEST_HEAD = 256;

/**
 * All files of a commit, counted in `total`; folders are counted, too. Ends as soon as there are too many, however many more there would be. Throws `invalid` then, and for
 * paths that no work tree may have.
 */
export async function listFiles(mirror: GitMirror, commit: string, total: CheckoutSize, signal: AbortSignal): Promise<TreeFile[]> {
  const args = [`--git-dir=${mirror.directory}`, 'ls-tree', '-r', '-t', '-l', '-z', '--full-tree', commit];
  const files: TreeFile[] = [];
  const takeLine = (line: string): void => {
    const entry = parseEntry(line);
    total.addEntry(entry.size);
    if (entry.type === 'tree') return;
    assertTreePath(entry.path, 'The commit holds a file');
    files.push(entry);
  };
  await streamGit(mirror.git, { ...(await mirror.local()), args }, linesTo(takeLine), signal);
  return files;
}

/** Also what Windows and macOS would take for `.git` is refused. `what` begins the sentence that says so. */
export function assertTreePath(path: string, what: string): void {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..' || /^(?:\.git[ .]*|git~[0-9]+)$/i.test(part));
  if (bad || (path.startsWith('-') && what.startsWith('A submodule')))
    throw new PluginError('invalid', `${what} that is refused: ${JSON.stringify(path)}.`);
}

/** Gives the lines, which end with NUL, to `take`. Throws `invalid` for one with a path that is too long, and for more bytes than are taken in. */
function linesTo(take: (line: string) => void): (piece: Buffer) => void {
  let [rest, size] = ['', 0];
  return (piece) => {
    size += piece.length;
    if (size > LARGEST_LIST) throw new PluginError('invalid', 'The paths of the commit have more than 256 MB: the repository is too large for this.');
    const lines = (rest + piece.toString('latin1')).split('\u0000');
    rest = lines.pop() ?? '';
    for (const line of [...lines, rest]) {
      if (line.length > LONGEST_HEAD + LONGEST_PATH) throw new PluginError('invalid', `The commit holds a path of more than ${LONGEST_PATH} bytes.`);
    }
    lines.forEach(take);
  };
}

function parseEntry(line: string): TreeFile {
  const [, mode = '', type = '', id = '', size = '', path = ''] = /^(\d+) (\S+) ([0-9a-f]+) +(\d+|-)\t([^]+)$/.exec(line) ?? [];
  if (path === '')
    throw new PluginError('unavailable', 'git ls-tree does not answer as it should: is it another program, or is something of the commit missing?');
  return { mode, type, id, size: size === '-' ? 0 : Number(size), path };
}
