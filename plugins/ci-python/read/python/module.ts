import { Effort } from './effort.ts';
import { type Argument, Expressions, type Surroundings } from './expressions.ts';
import { type Token, tokenize } from './tokens.ts';
import { sizeOf, type Value } from './values.ts';

/** What a setup.py hands to `setup()`, as far as it can be read. */
export interface SetupCall {
  readonly args: ReadonlyMap<string, Value>;
  readonly line: number;
  /** Names of the file that were used and that are changed elsewhere in it, in a way that was not read, with the line on which they are. */
  readonly changed: ReadonlyMap<string, number>;
  /** Every string of the file, for what is put together from texts. */
  readonly strings: readonly { readonly text: string; readonly line: number }[];
  /** Whether it puts together more than is read. */
  readonly isTooMuch: boolean;
}

/** What a name of the file was given. `changedAt`: the line of another place that changes it. */
interface Constant {
  value: Value;
  changedAt: number | null;
}

const CHANGING = new Set(['append', 'extend', 'insert', 'update', 'remove', 'setdefault']);

/** Finds the call of `setup()` in a text that is never run. Null where there is none. */
export function readSetupCall(text: string): SetupCall | null {
  const tokens = tokenize(text);
  const start = tokens.findIndex((token, index) => isSetup(tokens, token, index));
  if (start < 0) return null;
  const effort = new Effort();
  const constants = readConstants(tokens, effort);
  const changed = new Map<string, number>();
  const lookUp = (name: string): Value | null => {
    const constant = constants.get(name);
    if (constant?.changedAt != null) changed.set(name, constant.changedAt);
    return constant?.value ?? null;
  };
  const expressions = new Expressions(tokens, start + 2, { lookUp, effort });
  const args = new Map<string, Value>();
  for (const argument of expressions.args()) add(args, argument);
  const strings = tokens.flatMap((token) => (token.kind === 'string' && token.text !== null ? [{ text: token.text, line: token.line }] : []));
  return { args, line: tokens[start]?.line ?? 1, changed, strings, isTooMuch: effort.isSpent };
}

function add(args: Map<string, Value>, { name, value }: Argument): void {
  if (name === '**') {
    if (value.kind === 'map') for (const [key, one] of value.entries) args.set(key, one);
    else args.set('**', value);
  } else if (name !== null && name !== '*') args.set(name, value);
}

/** `setup(`, `setuptools.setup(`, `distutils.core.setup(`; not `def setup(` and no method of anything else. */
function isSetup(tokens: readonly Token[], token: Token, index: number): boolean {
  const next = tokens[index + 1];
  if (token.kind !== 'name' || token.text !== 'setup' || next?.kind !== 'sign' || next.text !== '(') return false;
  const before = tokens[index - 1];
  if (before?.kind === 'name') return !['def', 'class'].includes(before.text);
  if (before?.text !== '.') return true;
  return ['setuptools', 'core', 'skbuild', 'numpy_distutils'].includes(tokens[index - 2]?.text ?? '');
}

/**
 * What names are given anywhere in the file. The first value counts, and those that are added without a condition; any other change is noted. A name inside of a function is as good as
 * one outside: it is there that many put what `setup()` gets.
 */
function readConstants(tokens: readonly Token[], effort: Effort): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  const around: Surroundings = { lookUp: (name) => constants.get(name)?.value ?? null, effort };
  for (const { line, indent } of logicalLines(tokens)) {
    const [name, sign, third, fourth] = line;
    if (name?.kind !== 'name' || sign?.kind !== 'sign') continue;
    const isOutside = indent === 0;
    const value = (): Value => new Expressions(line, 2, around).expression();
    if (sign.text === '=') assign(constants, name.text, value(), isOutside);
    else if (sign.text === '+=') change(constants, name, isOutside ? value() : null, effort);
    else if (sign.text === '[' && third?.kind === 'string') putEntry(constants, { line, around, isOutside });
    else if (sign.text === '.' && CHANGING.has(third?.text ?? '') && fourth?.text === '(') change(constants, name, null, effort);
  }
  return constants;
}

/** Each on its own, so that a bracket that is never closed does not lead through the whole file, line after line. */
function* logicalLines(tokens: readonly Token[]): Generator<{ readonly line: readonly Token[]; readonly indent: number }> {
  let begin = 0;
  let indent = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'newline') continue;
    if (index > begin) yield { line: tokens.slice(begin, index), indent };
    begin = index + 1;
    ({ indent } = token);
  }
}

function assign(constants: Map<string, Constant>, name: string, value: Value, isOutside: boolean): void {
  const before = constants.get(name);
  if (before === undefined || (isOutside && before.changedAt === null && before.value.kind === 'computed'))
    constants.set(name, { value, changedAt: null });
  else before.changedAt ??= value.line;
}

/** `name += value`; null: changed by what cannot be known. */
function change(constants: Map<string, Constant>, name: Pick<Value, 'line'> & { readonly text: string }, value: Value | null, effort: Effort): void {
  const before = constants.get(name.text);
  if (before === undefined) return;
  if (value?.kind === 'list' && before.value.kind === 'list' && effort.allows(sizeOf(before.value) + sizeOf(value)))
    before.value = { ...before.value, items: [...before.value.items, ...value.items] };
  else before.changedAt ??= name.line;
}

/** `name['key'] = value`. */
function putEntry(
  constants: Map<string, Constant>,
  { line, around, isOutside }: { readonly line: readonly Token[]; readonly around: Surroundings; readonly isOutside: boolean },
): void {
  const [name, , key, closing, sign] = line;
  const before = constants.get(name?.text ?? '');
  if (before?.value.kind !== 'map' || key?.kind !== 'string' || key.text === null || closing?.text !== ']') return;
  if (sign?.text !== '=' || !isOutside || !around.effort.allows(sizeOf(before.value))) before.changedAt ??= key.line;
  else
    before.value = {
      ...before.value,
      entries: new Map([...before.value.entries, [key.text, new Expressions(line, 5, around).expression()]]),
    };
}
