import { NamesError, OPEN_RANGE } from '../ini/names.ts';
import { isTable, type TomlTable, type TomlValue } from '#plugins/kit/toml';

const MAXIMUM_NAMES = 20_000;

/**
 * The names that an entry of `env_list` stands for: itself, a `{ product = [...], exclude = [...] }`, a range `{ prefix = "py3", start = 9, stop = 12 }` or a
 * group with a label. Throws `NamesError` for what tox refuses. Source: https://tox.wiki/en/stable/reference/config.html and tox 4.55.
 */
export function namesOfEntry(entry: TomlValue): string[] {
  if (typeof entry === 'string') return [entry];
  if (!isTable(entry)) throw new NamesError('An entry of env_list is a name, or a table with a product, a range or a group.');
  if (entry['product'] === undefined) return group(entry);
  if (entry['prefix'] !== undefined) throw new NamesError('An entry of env_list has a product or a range, not both.');
  return product(entry['product'], entry['exclude']);
}

/** Whether a part of a list is a range without a start or a stop, however deep. */
export function isOpenRange(value: TomlValue): boolean {
  if (Array.isArray(value)) return value.some(isOpenRange);
  if (!isTable(value)) return false;
  const isOpen = value['prefix'] !== undefined && (value['start'] === undefined) !== (value['stop'] === undefined);
  return isOpen || Object.values(value).some(isOpenRange);
}

function product(groups: TomlValue, exclude: TomlValue | undefined): string[] {
  if (!Array.isArray(groups)) throw new NamesError('A product is a list of groups of factors.');
  const choices = groups.map(group);
  const count = choices.reduce((product, { length }) => product * length, 1);
  if (count > MAXIMUM_NAMES) throw new NamesError(`This product stands for ${count} environments, which cannot be meant.`);
  const [first = [], ...others] = choices;
  const names = others.reduce((begun, more) => begun.flatMap((name) => more.map((factor) => `${name}-${factor}`)), first);
  const excluded = new Set(Array.isArray(exclude) ? exclude : []);
  return names.filter((name) => !excluded.has(name));
}

/** A list of factors, a range, or a list with a label. */
function group(value: TomlValue): string[] {
  if (Array.isArray(value)) return value.map(factor);
  if (!isTable(value)) throw new NamesError('A group of factors is a list, a range or a list with a label.');
  if (value['prefix'] !== undefined) return range(value);
  const [labelled, ...others] = Object.values(value);
  if (!Array.isArray(labelled) || others.length > 0) throw new NamesError('A group of factors with a label has one label and one list.');
  return labelled.map(String);
}

function factor(value: TomlValue): string {
  if (typeof value !== 'string') throw new NamesError('The factors of a group are texts.');
  return value;
}

function range({ prefix, start, stop }: TomlTable): string[] {
  if (start === undefined && stop === undefined) throw new NamesError('A range has a start or a stop, or both.');
  const [from, to] = [wholeNumber(start ?? OPEN_RANGE.first), wholeNumber(stop ?? OPEN_RANGE.last)];
  if (typeof prefix !== 'string') throw new NamesError('The prefix of a range is a text.');
  if (to - from > MAXIMUM_NAMES) throw new NamesError(`A range from ${from} to ${to} cannot be meant.`);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => `${prefix}${from + index}`);
}

function wholeNumber(value: TomlValue): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new NamesError('The start and the stop of a range are whole numbers.');
  return value;
}
