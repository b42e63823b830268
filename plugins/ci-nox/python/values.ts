/** What an expression of a Python text is, as far as it can be known without running it. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'constant'; readonly text: 'None' | 'True' | 'False' }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Value, Value])[] }
  /** A call of something that is imported: what it is called by, as `nox.param`, and its arguments. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[] }
  /** What only running it tells. */
  | { readonly kind: 'unknown' };

/** An argument of a call; `name` is null for one by place, `*` or `**` for one that is spread. */
export interface Argument {
  readonly name: string | null;
  readonly value: Value;
}

export const UNKNOWN: Value = { kind: 'unknown' };
export const NONE: Value = { kind: 'constant', text: 'None' };

/** Parts of a value that are looked at: a list that holds another one twice, which holds another one twice, is as large as none that was meant. */
const MOST_PARTS = 10_000;
/** Characters of a text that is shown. */
const LONGEST_SHOWN = 10_000;
const DEEPEST = 60;

/** Whether all of a value is known; one that is too large counts as one that is not. */
export function isKnown(value: Value): boolean {
  const left = [value];
  let parts = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    parts += 1 + sizeOf(part);
    if (parts > MOST_PARTS || part.kind === 'unknown' || part.kind === 'call') return false;
    if (part.kind === 'map') left.push(...part.entries.flat());
    else left.push(...(itemsOf(part) ?? []));
  }
  return true;
}

/** How much there is of a value, deeper parts not counted. Texts are of a bounded length once they are put together. */
export function sizeOf(value: Value): number {
  if (value.kind === 'list' || value.kind === 'tuple') return value.items.length;
  if (value.kind === 'text') return value.text.length / 10;
  return value.kind === 'map' ? value.entries.length : 1;
}

/** The items of a list or tuple; null for anything else. */
export function itemsOf(value: Value): readonly Value[] | null {
  return value.kind === 'list' || value.kind === 'tuple' ? value.items : null;
}

/** The texts of a list or tuple; null for anything else, or if one of them is none. */
export function textsOf(value: Value): string[] | null {
  const items = itemsOf(value);
  const texts = items?.flatMap((item) => (item.kind === 'text' ? [item.text] : [])) ?? null;
  return texts?.length === items?.length ? texts : null;
}

/** Whether two values are the same text, number or constant. */
export function isSame(one: Value, other: Value): boolean {
  return one.kind === other.kind && 'text' in one && 'text' in other && one.text === other.text;
}

/** A value as Python's `repr` shows it; null where that is not known for certain, or too long to be shown. */
export function repr(value: Value, depth = 0): string | null {
  if (value.kind === 'text') return value.text.length > LONGEST_SHOWN ? null : reprOfText(value.text);
  if (value.kind === 'constant') return value.text;
  if (value.kind === 'number') return reprOfNumber(value.text);
  const items = itemsOf(value);
  const shown = items === null || depth > DEEPEST ? null : reprOfItems(items, depth);
  if (shown === null) return null;
  return value.kind === 'list' ? `[${shown.join(', ')}]` : shown.length === 1 ? `(${shown.join('')},)` : `(${shown.join(', ')})`;
}

/** Stops at the first that is not known, or that makes it too long. */
function reprOfItems(items: readonly Value[], depth: number): string[] | null {
  const shown: string[] = [];
  let length = 0;
  for (const item of items) {
    const text = repr(item, depth + 1);
    length += (text?.length ?? 0) + 2;
    if (text === null || length > LONGEST_SHOWN) return null;
    shown.push(text);
  }
  return shown;
}

function reprOfText(text: string): string | null {
  // What is beyond these is shown as itself or escaped, by tables of Unicode's.
  if (!/^[\x20-\x7E\n\t\r]*$/.test(text)) return null;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

/** Whole numbers, and such with a point that JavaScript and Python write alike. */
function reprOfNumber(text: string): string | null {
  const plain = text.replaceAll('_', '');
  if (/^-?(?:0|[1-9]\d*)$/.test(plain)) return plain;
  if (!/^-?\d{1,8}\.\d{0,8}$/.test(plain)) return null;
  const shown = String(Number(plain));
  if (shown.includes('e')) return null;
  return shown.includes('.') ? shown : `${shown}.0`;
}
