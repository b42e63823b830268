import type { JobBudget } from '#plugins/kit/job-budget';
import { type Argument, isKnown, itemsOf, repr, textsOf, type Value } from '../python/values.ts';

/** One set of parameters that a session is called with. */
export interface ParameterSet {
  /** How nox shows it, within brackets. */
  readonly text: string;
  readonly values: ReadonlyMap<string, Value>;
  readonly tags: readonly string[];
}

const MAXIMUM_SETS = 5000;

/**
 * Every combination of what `@nox.parametrize` says, in nox's order: decorators from the lowest up, the lowest changing fastest. Null where it cannot be known. Throws `TooMuch`.
 * Source: https://nox.thea.codes/en/stable/config.html#parametrizing-sessions and what nox 2022.11, 2024.4 and 2025.11 list.
 */
export function parameterSets(decorators: readonly (readonly Argument[])[], budget: JobBudget): readonly ParameterSet[] | null {
  let sets: readonly ParameterSet[] = [];
  for (const decorator of decorators) {
    const own = setsOf(decorator, budget);
    if (own === null || Math.max(1, sets.length) * own.length > MAXIMUM_SETS) return null;
    budget.work(Math.max(1, sets.length) * own.length * (1 + (sets[0]?.values.size ?? 0)));
    budget.text(lengthOf(sets) * own.length + lengthOf(own) * Math.max(1, sets.length));
    const before = sets;
    sets = before.length === 0 ? own : own.flatMap((one) => before.map((other) => joined(other, one)));
  }
  return sets;
}

function lengthOf(sets: readonly ParameterSet[]): number {
  return sets.reduce((sum, { text }) => sum + text.length, 0);
}

function joined(one: ParameterSet, other: ParameterSet): ParameterSet {
  return { text: `${one.text}, ${other.text}`, values: new Map([...one.values, ...other.values]), tags: [...one.tags, ...other.tags] };
}

function setsOf(args: readonly Argument[], budget: JobBudget): readonly ParameterSet[] | null {
  const argument = (name: string, place: number): Value | undefined =>
    args.find((one) => one.name === name)?.value ?? (args[place]?.name === null ? args[place].value : undefined);
  if (args.some(({ name }) => name === '*' || name === '**')) return null;
  const names = namesOf(argument('arg_names', 0));
  const values = argument('arg_values_list', 1);
  if (names === null || values === undefined) return null;
  const ids = idsOf(argument('ids', 2));
  const tags = argument('tags', 3);
  const items = itemsOf(values) ?? (names.length === 1 || isParam(values) ? [values] : null);
  if (items === null || ids === null || (tags !== undefined && !isKnown(tags))) return null;
  // Many sessions may share one long list, whatever comes of it.
  const given = [...items, ...(tags === undefined ? [] : (itemsOf(tags) ?? []))];
  budget.work(given.reduce((sum, item) => sum + 1 + (itemsOf(item)?.length ?? 0), 0) / 10);
  const tagLists = tags === undefined ? [] : (itemsOf(tags) ?? []).map((one) => textsOf(one) ?? []);
  const sets = items.map((item, index) => setOf(names, item, ids[index] ?? null, tagLists[index] ?? []));
  const known = sets.filter((set) => set !== null);
  return known.length === sets.length ? known : null;
}

/** `"a, b"`, or a list of names. */
function namesOf(value: Value | undefined): string[] | null {
  if (value === undefined) return null;
  if (value.kind !== 'text') return textsOf(value);
  return value.text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
}

function idsOf(value: Value | undefined): readonly (string | null)[] | null {
  if (value === undefined || (value.kind === 'constant' && value.text === 'None')) return [];
  const items = itemsOf(value);
  if (items === null || !items.every((item) => item.kind === 'text' || item.kind === 'constant')) return null;
  return items.map((item) => (item.kind === 'text' ? item.text : null));
}

function isParam(value: Value): value is Extract<Value, { kind: 'call' }> {
  return value.kind === 'call' && /(?:^|\.)param$/.test(value.name);
}

/** An item: the value of the one name, a tuple with one for each, or a `nox.param(...)`. */
function setOf(names: readonly string[], item: Value, id: string | null, tags: readonly string[]): ParameterSet | null {
  if (isParam(item)) {
    const own = item.args.find(({ name }) => name === 'id')?.value;
    const ownTags = item.args.find(({ name }) => name === 'tags')?.value;
    const values = item.args.filter(({ name }) => name === null).map(({ value }) => value);
    if (own !== undefined && own.kind !== 'text') return null;
    if (ownTags !== undefined && textsOf(ownTags) === null) return null;
    return described(names, values, own?.text ?? null, textsOf(ownTags ?? { kind: 'list', items: [] }) ?? []);
  }
  const values = names.length === 1 ? [item] : itemsOf(item);
  return values === null ? null : described(names, values, id, tags);
}

function described(names: readonly string[], values: readonly Value[], id: string | null, tags: readonly string[]): ParameterSet | null {
  const pairs = names.slice(0, values.length).map((name, index): readonly [string, Value] => [name, values[index] ?? { kind: 'unknown' }]);
  const shown = pairs.map(([name, value]) => ({ name, text: repr(value) }));
  if (id !== null && id !== '') return { text: id, values: new Map(pairs), tags };
  if (shown.some(({ text }) => text === null)) return null;
  return { text: shown.map(({ name, text }) => `${name}=${text}`).join(', '), values: new Map(pairs), tags };
}
