import { below, type Report } from './report.ts';
import { kindOf, type Place, type Tree } from './tree.ts';

/** A part of the description: what it says, where that stands (for the value of a key: where the key does), and its path for people. */
export interface Part {
  readonly tree: Tree;
  readonly path: string;
  readonly at: Place;
}

/** A text with its place. */
export interface PlacedText {
  readonly text: string;
  readonly path: string;
  readonly at: Place;
}

/** The entries of a map in their order; none of anything else. */
export function entriesOf(part: Part): (Part & { readonly key: string })[] {
  const { tree, path } = part;
  return tree.kind === 'map' ? tree.entries.map(({ key, keyAt, value }) => ({ key, tree: value, path: below(path, key), at: keyAt })) : [];
}

/** What stands behind a key; null where it is not there. Keys are told apart by case. */
export function partOf(part: Part, key: string): Part | null {
  return entriesOf(part).find((entry) => entry.key === key) ?? null;
}

/** The items of a list; anything else counts as the only item of one, and nothing as an empty list. */
export function itemsOf({ tree, path, at }: Part): Part[] {
  if (tree.kind === 'empty') return [];
  if (tree.kind !== 'list') return [{ tree, path, at }];
  return tree.items.map((item, index) => ({ tree: item, path: `${path}[${index}]`, at: item.at }));
}

/** The texts of a list, or the only one; whatever else is there has an error. An empty item is the empty text. */
export function textsOf(part: Part | null, report: Report): PlacedText[] {
  return (part === null ? [] : itemsOf(part)).flatMap((item) => {
    const text = textOf(item, report);
    return text === null ? [] : [{ text, path: item.path, at: item.at }];
  });
}

/** A single text; null, with an error, for a list or a map. */
export function textOf(part: Part, report: Report): string | null {
  if (part.tree.kind === 'text') return part.tree.text;
  if (part.tree.kind === 'empty') return '';
  complain(part, report, 'a text');
  return null;
}

/** Says that something else was expected. */
export function complain({ tree, path, at }: Part, report: Report, expected: string): void {
  report.error(path, at, `This must be ${expected}, but is ${kindOf(tree)}.`);
}
