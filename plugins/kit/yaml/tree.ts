/** A place in the text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An entry of a map. */
export interface Entry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: Tree;
}

/**
 * What a YAML text says, with scalars *as written*: only the key they belong to decides whether `3.10` is a version, a number or a text.
 * `empty` is a key with nothing behind it, `~` or `null`. `isPlain`: it was written without quotes, so that formats which tell numbers from texts may take it for one.
 */
export type Tree =
  | { readonly kind: 'text'; readonly text: string; readonly at: Place; readonly isPlain?: true }
  | { readonly kind: 'empty'; readonly at: Place }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly at: Place }
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly at: Place };

const KINDS = { text: 'a text', empty: 'empty', list: 'a list', map: 'a map' } as const;

/** What a tree is, in words. */
export function kindOf(tree: Tree): string {
  return KINDS[tree.kind];
}
