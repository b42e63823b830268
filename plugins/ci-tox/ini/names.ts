import type { Generation } from '../settings.ts';

/** The names that a list of environments makes are more than anybody wants, or no names. The message says what is wrong, in a sentence. */
export class NamesError extends Error {}

/** What an open range ends and begins with: the Pythons that tox 4.55 knew. It depends on tox's release, and is told where it is used. */
export const OPEN_RANGE = { first: 10, last: 14 } as const;

/** What is told where there is one. */
export const OPEN_RANGE_NOTE = `How far an open range goes depends on the tox that runs; taken here: from ${OPEN_RANGE.first} to ${OPEN_RANGE.last}.`;

const MAXIMUM_NAMES = 20_000;
/** What is asked of the patterns below grows with the square of it. */
const MAXIMUM_LENGTH = 20_000;
/** Characters of a line, once its ranges are written out. */
const LONGEST_EXPANSION = 200_000;
const GROUPS = /((?:\{[^}]+\})+)|,/;
const BRACES = /\{([^}]+)\}/;
const FACTOR = /^(?:!?[\p{L}\p{N}_.*?][\p{L}\p{N}_.*?-]*|)$/u;

/**
 * The names of environments that a value stands for, `py{27,36}-{a,b}, lint`, in order, repeated ones too; comments must be gone. Throws `NamesError` for
 * what tox refuses. Source: https://tox.wiki/en/stable/explanation.html and what tox 3.28 and 4.55 make of the texts in names.test.ts.
 */
export function envNames(value: string, generation: Generation): string[] {
  if (value.length > MAXIMUM_LENGTH) throw new NamesError(`A list of ${value.length} characters cannot be meant.`);
  if (generation === 3) return allNames(stripped(value), (part) => part.replaceAll(/\s+/g, '')).map(withoutBraces);
  const trimmed = (part: string): string => part.trim();
  const groups: string[] = [];
  for (const line of value.split('\n')) {
    groups.push(...allNames(withRanges(line), trimmed));
    if (groups.length > MAXIMUM_NAMES)
      throw new NamesError(`${shown(value)} stands for more than ${MAXIMUM_NAMES} environments, which cannot be meant.`);
  }
  return groups.map((name) => checked(name).split('-').map(unnegated).join('-'));
}

/** The factors of the names that an expression stands for: `py27-!a,b` is `[[py27, !a], [b]]`. */
export function factorGroups(expression: string): string[][] {
  if (expression.length > MAXIMUM_LENGTH) throw new NamesError(`A condition of ${expression.length} characters cannot be meant.`);
  return allNames(withRanges(expression), (part) => part.trim()).map((name) => checked(name).split('-'));
}

/** The third generation takes all lines as one. */
function stripped(value: string): string {
  const lines = value.split('\n').map((line) => (line.split('#', 1)[0] ?? '').trim());
  return lines.filter((line) => line !== '').join(',');
}

function allNames(value: string, clean: (part: string) => string): string[] {
  const names: string[] = [];
  for (const group of joinGroups(splitGroups(value))) {
    names.push(...combinations(group, clean));
    if (names.length > MAXIMUM_NAMES)
      throw new NamesError(`${shown(value)} stands for more than ${MAXIMUM_NAMES} environments, which cannot be meant.`);
  }
  return names;
}

/** A text cut at its braces and commas. Behind the last brace that closes there are only commas: none that opens is looked at there, as each would be followed to the text's end. */
function splitGroups(value: string): (string | undefined)[] {
  const end = value.lastIndexOf('}') + 1;
  const before: (string | undefined)[] = value.slice(0, end).split(GROUPS);
  const last = before.pop() ?? '';
  const [first = '', ...others] = value.slice(end).split(',');
  return [...before, last + first, ...others.flatMap((part) => [undefined, part])];
}

/** What stands between commas outside of braces, put together again. */
function joinGroups(tokens: readonly (string | undefined)[]): string[] {
  const groups: string[][] = [[]];
  for (const token of tokens) {
    if (token === undefined || token === '') groups.push([]);
    else groups.at(-1)?.push(token);
  }
  return groups.filter((group) => group.length > 0).map((group) => group.join('').trim());
}

function combinations(group: string, clean: (part: string) => string): string[] {
  const end = group.lastIndexOf('}') + 1;
  const pieces = group.slice(0, end).split(BRACES);
  const parts = [...pieces.slice(0, -1), `${pieces.at(-1) ?? ''}${group.slice(end)}`].map((part) => part.split(',').map(clean));
  const count = parts.reduce((product, { length }) => product * length, 1);
  if (count > MAXIMUM_NAMES) throw new NamesError(`${shown(group)} stands for ${count} environments, which cannot be meant.`);
  return parts.reduce<string[]>((names, choices) => names.flatMap((name) => choices.map((choice) => name + choice)), ['']);
}

function checked(name: string): string {
  if (name.split('-').every((factor) => FACTOR.test(factor))) return name;
  throw new NamesError(`${shown(name)} is no name of an environment. Names are separated by commas or lines.`);
}

/** Braces that are not closed, or hold nothing: the third generation would take them for a substitution later on. */
function withoutBraces(name: string): string {
  if (!/[{}]/.test(name)) return name;
  throw new NamesError(`${shown(name)} has braces that stand for nothing.`);
}

function unnegated(factor: string): string {
  return factor.replace(/^!/, '');
}

/** `{27,39-312}` and the like, before a comma or brace: the numbers between, in whichever direction. One that is open goes to `OPEN_RANGE`. */
function withRanges(value: string): string {
  let result = value;
  for (const [, source = '', from, to, begin, end] of value.matchAll(/((?<!\d)(\d+)-(\d+)|(?<!\d)(\d+)-|(?<=[{,])-(\d+)|(?<!\d)\d+)(?:,|\})/g)) {
    const expansion = from !== undefined && to !== undefined ? numbers(+from, +to) : openRange(begin, end);
    if (expansion !== null) result = result.replace(source, () => expansion);
    if (result.length > LONGEST_EXPANSION) throw new NamesError(`The ranges of ${shown(value)} stand for more than can be meant.`);
  }
  return result;
}

/** Whether a text has a range without an end or a beginning. */
export function hasOpenRange(value: string): boolean {
  return /(?:\d-|(?<=[{,])-\d+)(?:,|\})/.test(value);
}

function openRange(begin: string | undefined, end: string | undefined): string | null {
  if (begin !== undefined) return +begin > OPEN_RANGE.last ? '' : numbers(+begin, OPEN_RANGE.last);
  if (end !== undefined) return +end < OPEN_RANGE.first ? '' : numbers(OPEN_RANGE.first, +end);
  return null;
}

function numbers(from: number, to: number): string {
  const step = from < to ? 1 : -1;
  const count = Math.abs(to - from) + 1;
  if (!(count <= MAXIMUM_NAMES)) throw new NamesError(`A range from ${from} to ${to} cannot be meant.`);
  return Array.from({ length: count }, (_, index) => from + index * step).join(',');
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
