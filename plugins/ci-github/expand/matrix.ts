import { areEqual, isList, isMap, textOfValue, type Value, type ValueMap } from '../expressions/value.ts';

/** A matrix as it stands: the axes in their order, what is taken out and what is put in. */
export interface MatrixRules {
  readonly axes: ReadonlyMap<string, readonly Value[]>;
  readonly exclude: readonly ValueMap[];
  readonly include: readonly ValueMap[];
}

/** How many rows there are before any is taken out. */
export function sizeOf({ axes, include }: MatrixRules): number {
  const product = axes.size === 0 ? 0 : [...axes.values()].reduce((size, values) => size * values.length, 1);
  return product + include.length;
}

/**
 * The rows of a matrix. Every combination of the axes, without those that an entry of `exclude` fits in all that it names; then each entry of `include` is added to every row of these
 * whose own values it would not change (what another entry has added, it may), and is a row of its own where there is none. Source: docs.github.com, "Workflow syntax",
 * `jobs.<job_id>.strategy.matrix.include`.
 */
export function expandMatrix({ axes, exclude, include }: MatrixRules): ValueMap[] {
  const original = combinationsOf(axes).filter((row) => !exclude.some((entry) => holds(entry, row)));
  const rows = original.map((row) => new Map(row));
  const more: ValueMap[] = [];
  for (const entry of include) {
    const meant = rows.filter((_, index) => changesNothing(entry, original[index] ?? new Map<string, Value>()));
    if (meant.length === 0) more.push(entry);
    for (const row of meant) for (const [key, value] of entry) row.set(key, value);
  }
  return [...rows, ...more];
}

function combinationsOf(axes: MatrixRules['axes']): ValueMap[] {
  if (axes.size === 0) return [];
  return [...axes].reduce<ValueMap[]>(
    (rows, [key, values]) => rows.flatMap((row) => values.map((value) => new Map([...row, [key, value]]))),
    [new Map()],
  );
}

function holds(entry: ValueMap, row: ValueMap): boolean {
  return [...entry].every(([key, value]) => row.has(key) && isSame(row.get(key) ?? null, value));
}

function changesNothing(entry: ValueMap, original: ValueMap): boolean {
  return [...entry].every(([key, value]) => !original.has(key) || isSame(original.get(key) ?? null, value));
}

/** Numbers and texts that read alike are the same: `3.9` in an axis and `'3.9'` in an entry. An entry that is a map fits one that has more. */
function isSame(value: Value, wanted: Value): boolean {
  if (isMap(value) && isMap(wanted)) return [...wanted].every(([key, inner]) => value.has(key) && isSame(value.get(key) ?? null, inner));
  if (isList(value) && isList(wanted)) return value.length === wanted.length && value.every((item, index) => isSame(item, wanted[index] ?? null));
  if (typeof value === 'object' || typeof wanted === 'object') return value === wanted;
  return areEqual(textOfValue(value), textOfValue(wanted));
}
