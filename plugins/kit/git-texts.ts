import { PluginError } from '#plugins/api';
import { parseTree, type ObjectReader, type TreeEntry } from './git-objects.ts';

const LARGEST_FILE = 1024 * 1024;

/**
 * The texts of those paths that are regular files below a tree. They are looked up in the trees themselves: no path reaches git.
 * Throws `invalid` for a file of more than 1 MB.
 */
export async function readTexts(reader: ObjectReader, tree: string, paths: readonly string[]): Promise<Map<string, string>> {
  const trees = new Map<string, readonly TreeEntry[]>();
  const texts = new Map<string, string>();
  for (const wanted of paths) {
    const blob = await findBlob(reader, trees, tree, Buffer.from(wanted, 'utf8').toString('latin1').split('/'));
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

async function findBlob(
  reader: ObjectReader,
  trees: Map<string, readonly TreeEntry[]>,
  tree: string,
  parts: readonly string[],
): Promise<string | null> {
  let id = tree;
  for (const [index, part] of parts.entries()) {
    if (!trees.has(id)) {
      const [object] = await reader.read([id]);
      trees.set(id, object?.type === 'tree' ? parseTree(object.data, id.length / 2) : []);
    }
    const entry = trees.get(id)?.find(({ name }) => name === part);
    const last = index === parts.length - 1;
    if (entry === undefined || !entry.mode.startsWith(last ? '100' : '40')) return null;
    id = entry.id;
  }
  return id;
}
