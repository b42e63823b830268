import { PluginError } from '#plugins/api';
import { MOST_FILES, pathPattern, tooManyFiles } from './path-pattern.ts';
import { parseTree, type ObjectReader, type TreeEntry } from './git-objects.ts';

const LARGEST_FILE = 1024 * 1024;

/**
 * The texts of those paths that are regular files below a tree. They are looked up in the trees themselves: no path reaches git.
 * Throws `invalid` for too many files of one pattern and for one of more than 1 MB.
 */
export async function readTexts(reader: ObjectReader, tree: string, paths: readonly string[]): Promise<Map<string, string>> {
  const trees = new Map<string, readonly TreeEntry[]>();
  const texts = new Map<string, string>();
  const wantedPaths: string[] = [];
  for (const path of paths) wantedPaths.push(...(await expand(reader, trees, tree, path)));
  for (const wanted of wantedPaths) {
    const blob = await find(reader, trees, tree, partsOf(wanted), '100');
    if (blob === null) continue;
    const [object] = await reader.read([blob], LARGEST_FILE).catch((cause: unknown) => {
      throw cause instanceof PluginError && cause.code === 'invalid'
        ? new PluginError('invalid', `${wanted} is larger than 1 MB.`, { cause })
        : cause;
    });
    if (object) texts.set(wanted, object.data.toString('utf8'));
  }
  return texts;
}

/** The path, or the files of its folder that it stands for. */
async function expand(reader: ObjectReader, trees: Map<string, readonly TreeEntry[]>, tree: string, path: string): Promise<string[]> {
  const pattern = pathPattern(path);
  if (pattern === null) return [path];
  const folder = pattern.folder === '' ? tree : await find(reader, trees, tree, partsOf(pattern.folder), '40');
  const entries = folder === null ? [] : await entriesOf(reader, trees, folder);
  const names = entries.filter(({ mode }) => mode.startsWith('100')).map(({ name }) => Buffer.from(name, 'latin1').toString('utf8'));
  const found = names.filter(pattern.fits).toSorted();
  if (found.length > MOST_FILES) throw new PluginError('invalid', tooManyFiles(path));
  return found.map((name) => (pattern.folder === '' ? name : `${pattern.folder}/${name}`));
}

/** As git stores them: a character a byte. */
function partsOf(path: string): string[] {
  return Buffer.from(path, 'utf8').toString('latin1').split('/');
}

async function entriesOf(reader: ObjectReader, trees: Map<string, readonly TreeEntry[]>, id: string): Promise<readonly TreeEntry[]> {
  const known = trees.get(id);
  if (known !== undefined) return known;
  const [object] = await reader.read([id]);
  const entries = object?.type === 'tree' ? parseTree(object.data, id.length / 2) : [];
  trees.set(id, entries);
  return entries;
}

/** What a path leads to, if that is of a mode that begins so. */
async function find(
  reader: ObjectReader,
  trees: Map<string, readonly TreeEntry[]>,
  tree: string,
  parts: readonly string[],
  mode: '100' | '40',
): Promise<string | null> {
  let id = tree;
  for (const [index, part] of parts.entries()) {
    const entry = (await entriesOf(reader, trees, id)).find(({ name }) => name === part);
    const last = index === parts.length - 1;
    if (entry === undefined || !entry.mode.startsWith(last ? mode : '40')) return null;
    id = entry.id;
  }
  return id;
}
