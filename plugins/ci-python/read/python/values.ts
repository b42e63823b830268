/** What an expression of a Python text is, as far as it can be known without running it. */
export type Value =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly line: number }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Value>; readonly line: number }
  /** A number, True, False or None. */
  | { readonly kind: 'plain'; readonly text: string; readonly line: number }
  /** What only running it would tell. */
  | { readonly kind: 'computed'; readonly line: number };

/** The texts of a list, or the one text; null where it is, or holds, something that is computed. */
export function textsIn(value: Value): string[] | null {
  if (value.kind === 'text') return [value.text];
  if (value.kind !== 'list') return null;
  const texts = value.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
  return texts.length === value.items.length ? texts : null;
}

/** How much there is of a value, deeper parts not counted: items, entries or characters. */
export function sizeOf(value: Value): number {
  if (value.kind === 'list') return value.items.length;
  if (value.kind === 'map') return value.entries.size;
  return value.kind === 'text' ? value.text.length : 1;
}

/** Two values with `+` between them. */
export function sum(one: Value, other: Value): Value {
  if (one.kind === 'text' && other.kind === 'text') return { ...one, text: one.text + other.text };
  if (one.kind === 'list' && other.kind === 'list') return { ...one, items: [...one.items, ...other.items] };
  return { kind: 'computed', line: one.line };
}

/** What a method without arguments, or with one text, makes of a text or list; computed for all but a few. */
export function call(value: Value, method: string, args: readonly Value[]): Value {
  const computed: Value = { kind: 'computed', line: value.line };
  const [first] = args;
  const argument = first?.kind === 'text' ? first.text : null;
  if (value.kind === 'list' && method === 'copy') return value;
  if (value.kind !== 'text' || args.length > 1 || (first !== undefined && argument === null)) return computed;
  if (method === 'strip') return argument === null ? { ...value, text: value.text.trim() } : computed;
  if (method === 'splitlines') return list(value.text.split('\n'), value.line);
  if (method !== 'split') return computed;
  return list(
    argument === null ? value.text.split(/\s+/).filter((word) => word !== '') : argument === '' ? [value.text] : value.text.split(argument),
    value.line,
  );
}

function list(texts: readonly string[], line: number): Value {
  return { kind: 'list', items: texts.map((text) => ({ kind: 'text', text, line })), line };
}
