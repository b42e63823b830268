import type { Tree } from './tree.ts';

/** How much a part of a description says. */
export interface TreeSize {
  /** Values, keys not counted. */
  readonly values: number;
  /** Characters of its texts. */
  readonly characters: number;
}

/** Counts what a tree holds, each alias as what it stands for. */
export function sizeOfTree(tree: Tree): TreeSize {
  const inner = tree.kind === 'list' ? tree.items : tree.kind === 'map' ? tree.entries.map(({ value }) => value) : [];
  let [values, characters] = [1, tree.kind === 'text' ? tree.text.length : 0];
  for (const size of inner.map(sizeOfTree)) {
    values += size.values;
    characters += size.characters;
  }
  return { values, characters };
}
