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

/** Whether all of a value is known. */
export function isKnown(value: Value): boolean {
  if (value.kind === 'list' || value.kind === 'tuple') return value.items.every(isKnown);
  if (value.kind === 'map') return value.entries.every(([key, one]) => isKnown(key) && isKnown(one));
  return value.kind !== 'unknown' && value.kind !== 'call';
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

/** A value as Python's `repr` shows it; null where that is not known for certain. */
export function repr(value: Value): string | null {
  if (value.kind === 'text') return reprOfText(value.text);
  if (value.kind === 'constant') return value.text;
  if (value.kind === 'number') return reprOfNumber(value.text);
  const items = itemsOf(value)?.map(repr);
  if (items === undefined || items.some((item) => item === null)) return null;
  if (value.kind === 'list') return `[${items.join(', ')}]`;
  return items.length === 1 ? `(${items.join('')},)` : `(${items.join(', ')})`;
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
