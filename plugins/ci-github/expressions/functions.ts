import { BadExpression } from './tokens.ts';
import { areEqual, fold, fromJson, isList, textOfValue, toJson, truthOf, type Value } from './value.ts';

interface Known {
  readonly least: number;
  readonly most: number;
  readonly call: (args: readonly Value[]) => Value;
}

/** The functions whose result follows from their arguments. Source: docs.github.com, "Evaluate expressions in workflows and actions". */
const FUNCTIONS = new Map<string, Known>([
  ['contains', { least: 2, most: 2, call: ([search = null, item = null]) => contains(search, item) }],
  ['startswith', { least: 2, most: 2, call: ([text = null, start = null]) => areTexts(text, start, (one, other) => one.startsWith(other)) }],
  ['endswith', { least: 2, most: 2, call: ([text = null, end = null]) => areTexts(text, end, (one, other) => one.endsWith(other)) }],
  ['format', { least: 1, most: 255, call: ([text = null, ...values]) => format(textOfValue(text), values) }],
  ['join', { least: 1, most: 2, call: ([items = null, separator = ',']) => join(items, separator) }],
  ['tojson', { least: 1, most: 1, call: ([value = null]) => toJson(value) }],
  ['fromjson', { least: 1, most: 1, call: ([text = null]) => parseJson(textOfValue(text)) }],
  ['case', { least: 3, most: 255, call: chosen }],
]);

/** Characters of what a function makes: one in another may make any length of a few. */
const LONGEST_RESULT = 50_000;
/** More than any matrix needs, and few enough for what calls itself for each. */
const DEEPEST_JSON = 100;

/** Calls a function; null where there is none of that name. Throws `BadExpression` for arguments that it cannot take. */
export function callFunction(name: string, args: readonly Value[]): { readonly value: Value } | null {
  const found = FUNCTIONS.get(name);
  if (found === undefined) return null;
  if (args.length < found.least || args.length > found.most)
    throw new BadExpression(
      `${name} takes ${found.least === found.most ? found.least : `at least ${found.least}`} arguments, and is given ${args.length}`,
    );
  return { value: found.call(args) };
}

/** The names of functions, for suggestions. */
export const FUNCTION_NAMES: readonly string[] = ['contains', 'startsWith', 'endsWith', 'format', 'join', 'toJSON', 'fromJSON', 'hashFiles', 'case'];

function contains(search: Value, item: Value): boolean {
  if (isList(search)) return search.some((one) => isPlain(one) && areEqual(one, item));
  return areTexts(search, item, (one, other) => one.includes(other));
}

function areTexts(left: Value, right: Value, test: (left: string, right: string) => boolean): boolean {
  return isPlain(left) && isPlain(right) && test(fold(textOfValue(left)), fold(textOfValue(right)));
}

function isPlain(value: Value): boolean {
  return value === null || typeof value !== 'object';
}

const TOO_LONG = `it makes a text of more than ${LONGEST_RESULT} characters`;

function format(text: string, values: readonly Value[]): string {
  let left = LONGEST_RESULT - text.length;
  return text.replaceAll(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (sign, index: string | undefined) => {
    if (sign === '{{' || sign === '}}') return sign.slice(1);
    const value = index === undefined ? undefined : values[Number(index)];
    if (value === undefined) throw new BadExpression(`in a text for format "${sign}" stands for nothing`);
    const filled = textOfValue(value);
    left -= filled.length;
    if (left < 0) throw new BadExpression(TOO_LONG);
    return filled;
  });
}

function join(items: Value, separator: Value): string {
  if (!isList(items)) return isPlain(items) ? textOfValue(items) : '';
  const [texts, between] = [items.map(textOfValue), textOfValue(separator)];
  const length = texts.reduce((sum, text) => sum + text.length + between.length, 0);
  if (length > LONGEST_RESULT) throw new BadExpression(TOO_LONG);
  return texts.join(between);
}

function parseJson(text: string): Value {
  try {
    if (depthOf(text) > DEEPEST_JSON) throw new BadExpression(`its JSON is nested more than ${DEEPEST_JSON} levels deep`);
    return fromJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadExpression(`${JSON.stringify(text.slice(0, 40))} is no JSON`);
    throw error;
  }
}

/** How deep the brackets of a text go; those within its texts count, too. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function chosen(args: readonly Value[]): Value {
  for (let index = 0; index + 1 < args.length; index += 2) if (truthOf(args[index] ?? null)) return args[index + 1] ?? null;
  return args.length % 2 === 1 ? (args.at(-1) ?? null) : null;
}
