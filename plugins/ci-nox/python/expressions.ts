import type { Token } from './tokens.ts';
import { type Argument, isKnown, isSame, itemsOf, NONE, sizeOf, UNKNOWN, type Value } from './values.ts';

/** What is known around an expression. */
export interface Scope {
  /** What a name, also one with dots, stands for; undefined where it is not known. */
  lookUp(name: string): Value | undefined;
  /** What a call of it gives; undefined where only running it tells. */
  call(name: string, args: readonly Argument[]): Value | undefined;
  /** Asked before so many things are put together or looked at. Throws `TooMuch`. */
  work(count: number): void;
}

const DEEPEST = 60;
const MAXIMUM_ITEMS = 10_000;
const LONGEST_TEXT = 10_000;
const LONGEST_NAME = 20;

/** What the tokens from `at` on are as an expression, and where that ends: null where it is not understood. */
export function readExpression(tokens: readonly Token[], at: number, scope: Scope): { readonly value: Value; readonly end: number } | null {
  const reader = new ExpressionReader(tokens, at, scope);
  const value = reader.expression(0);
  return value === null ? null : { value, end: reader.at };
}

/** What all the tokens are as one expression, a tuple without brackets too; unknown where they are more or less than one. */
export function wholeExpression(tokens: readonly Token[], scope: Scope): Value {
  const reader = new ExpressionReader(tokens, 0, scope);
  const items: Value[] = [];
  for (let isTuple = false; ; isTuple = true) {
    if (isTuple && reader.at === tokens.length) return { kind: 'tuple', items };
    const value = reader.expression(0);
    if (value === null) return UNKNOWN;
    items.push(value);
    if (reader.at === tokens.length) return isTuple ? { kind: 'tuple', items } : value;
    if (!reader.takes(',')) return UNKNOWN;
  }
}

/** Only literals, names, `+`, and a few calls; a null says that the tokens are something else. */
class ExpressionReader {
  readonly #tokens: readonly Token[];
  readonly #scope: Scope;
  at: number;

  constructor(tokens: readonly Token[], at: number, scope: Scope) {
    this.#tokens = tokens;
    this.#scope = scope;
    this.at = at;
  }

  takes(sign: string): boolean {
    const token = this.#tokens[this.at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.at += 1;
    return true;
  }

  expression(depth: number): Value | null {
    if (depth > DEEPEST) return null;
    let value = this.#operand(depth);
    while (value !== null && this.takes('+')) {
      const other = this.#operand(depth);
      this.#scope.work(sizeOf(value) + (other === null ? 0 : sizeOf(other)));
      value = other === null ? null : sum(value, other);
    }
    return value;
  }

  #operand(depth: number): Value | null {
    let value = this.#atom(depth);
    while (value !== null) {
      if (this.takes('[')) value = this.#subscript(value, depth);
      else if (this.#isMethod()) value = this.#method(value, depth);
      else return value;
    }
    return null;
  }

  #atom(depth: number): Value | null {
    const token = this.#tokens[this.at];
    if (token?.kind === 'string') return this.#strings();
    if (token?.kind === 'name') return this.#name(depth);
    if (token === undefined) return null;
    this.at += 1;
    if (token.kind === 'number') return { kind: 'number', text: token.text };
    if (token.text === '[') return this.#items(']', 'list', depth);
    if (token.text === '(') return this.#items(')', 'tuple', depth);
    if (token.text === '{') return this.#braces(depth);
    const next = this.#tokens[this.at];
    if (token.text !== '-' || next?.kind !== 'number') return null;
    this.at += 1;
    return { kind: 'number', text: `-${next.text}` };
  }

  /** Strings beside one another are one. */
  #strings(): Value {
    const texts: (string | null)[] = [];
    for (let token = this.#tokens[this.at]; token?.kind === 'string'; token = this.#tokens[this.at]) {
      texts.push(token.text);
      this.at += 1;
    }
    return texts.includes(null) ? UNKNOWN : { kind: 'text', text: texts.join('') };
  }

  #name(depth: number): Value | null {
    const name = this.#dottedName();
    if (name === 'None' || name === 'True' || name === 'False') return { kind: 'constant', text: name };
    if (['lambda', 'not', 'await', 'if', 'for'].includes(name)) return null;
    if (this.takes('(')) {
      const args = this.#args(depth);
      if (args === null) return null;
      this.#scope.work(args.reduce((size, { value }) => size + sizeOf(value), 0));
      return this.#scope.call(name, args) ?? called(name, args);
    }
    return this.#scope.lookUp(name) ?? UNKNOWN;
  }

  /** A name with what is behind its dots, but for a method of what the name is known to be. */
  #dottedName(): string {
    let name = this.#tokens[this.at]?.text ?? '';
    this.at += 1;
    for (let parts = 1; parts < LONGEST_NAME && this.#isMethod() && this.#scope.lookUp(name) === undefined; parts += 1) {
      name += `.${this.#tokens[this.at + 1]?.text ?? ''}`;
      this.at += 2;
    }
    return name;
  }

  #isMethod(): boolean {
    return this.#tokens[this.at]?.kind === 'sign' && this.#tokens[this.at]?.text === '.' && this.#tokens[this.at + 1]?.kind === 'name';
  }

  #method(value: Value, depth: number): Value | null {
    this.at += 2;
    if (!this.takes('(')) return UNKNOWN;
    const name = this.#tokens[this.at - 2]?.text;
    const args = this.#args(depth);
    if (args === null) return null;
    this.#scope.work(sizeOf(value));
    if (name === 'split' && args.length === 0 && value.kind === 'text') return texts(value.text.split(/\s+/).filter((word) => word !== ''));
    return name === 'copy' ? value : UNKNOWN;
  }

  /** `[0]`, `[-1]`, `['key']`, `[1:]`, `[:-1]`. */
  #subscript(value: Value, depth: number): Value | null {
    const from = this.takes(':') ? NONE : this.expression(depth + 1);
    if (from === null) return null;
    this.#scope.work(sizeOf(value));
    const isSlice = this.#tokens[this.at - 1]?.text === ':' || this.takes(':');
    if (this.takes(']')) return isSlice ? slice(value, from, NONE) : item(value, from);
    const to = isSlice ? this.expression(depth + 1) : null;
    return to !== null && this.takes(']') ? slice(value, from, to) : null;
  }

  #args(depth: number): Argument[] | null {
    const args: Argument[] = [];
    while (!this.takes(')')) {
      const name = this.#argumentName();
      const start = this.at;
      const value = this.expression(depth + 1);
      const isWhole = value !== null && this.#isBefore(',', ')');
      args.push({ name, value: isWhole ? value : UNKNOWN });
      if ((!isWhole && !this.#skipArgument(start)) || args.length > MAXIMUM_ITEMS) return null;
      this.takes(',');
    }
    return args;
  }

  #isBefore(...signs: readonly string[]): boolean {
    const token = this.#tokens[this.at];
    return token?.kind === 'sign' && signs.includes(token.text);
  }

  /** Goes to the comma or bracket behind an argument that is not understood; false where there is none. */
  #skipArgument(start: number): boolean {
    let open = 0;
    for (this.at = start; this.at < this.#tokens.length; this.at += 1) {
      if (open === 0 && this.#isBefore(',', ')')) return true;
      if (this.#isBefore('(', '[', '{')) open += 1;
      else if (this.#isBefore(')', ']', '}')) open -= 1;
    }
    return false;
  }

  #argumentName(): string | null {
    if (this.takes('**')) return '**';
    if (this.takes('*')) return '*';
    const [token, next] = [this.#tokens[this.at], this.#tokens[this.at + 1]];
    if (token?.kind !== 'name' || next?.kind !== 'sign' || next.text !== '=') return null;
    this.at += 2;
    return token.text;
  }

  /** What stands in brackets; round ones around one thing without a comma are nothing. */
  #items(closing: string, kind: 'list' | 'tuple', depth: number): Value | null {
    const items: Value[] = [];
    let isMany = kind === 'list';
    while (!this.takes(closing)) {
      const isSpread = this.takes('*');
      const value = this.expression(depth + 1);
      if (value === null) return null;
      const spread = isSpread ? itemsOf(value) : [value];
      if (isSpread) this.#scope.work(spread?.length ?? 0);
      for (const one of spread ?? [UNKNOWN]) items.push(one);
      isMany ||= isSpread;
      if (this.takes(',')) isMany = true;
      else if (this.#tokens[this.at]?.text !== closing) return null;
    }
    const [only] = items;
    return isMany || only === undefined ? { kind, items } : only;
  }

  #braces(depth: number): Value | null {
    const entries: (readonly [Value, Value])[] = [];
    while (!this.takes('}')) {
      const key = this.expression(depth + 1);
      // The order of a set is anybody's guess.
      if (key === null || !this.takes(':')) return null;
      const value = this.expression(depth + 1);
      if (value === null) return null;
      entries.push([key, value]);
      if (!this.takes(',') && this.#tokens[this.at]?.text !== '}') return null;
    }
    return { kind: 'map', entries };
  }
}

function called(name: string, args: readonly Argument[]): Value {
  const [first, ...more] = args;
  const only = first !== undefined && more.length === 0 && first.name === null ? first.value : null;
  if (only !== null && (name === 'list' || name === 'tuple')) {
    const items = only.kind === 'map' ? only.entries.map(([key]) => key) : itemsOf(only);
    return items === null ? UNKNOWN : { kind: name, items };
  }
  if (only !== null && name === 'str') return only.kind === 'text' ? only : UNKNOWN;
  return { kind: 'call', name, args };
}

/** Two values with `+` between them. */
export function sum(one: Value, other: Value): Value {
  if (one.kind === 'text' && other.kind === 'text')
    return one.text.length + other.text.length > LONGEST_TEXT ? UNKNOWN : { kind: 'text', text: one.text + other.text };
  const [left, right] = [itemsOf(one), itemsOf(other)];
  if (left === null || right === null || one.kind !== other.kind || left.length + right.length > MAXIMUM_ITEMS) return UNKNOWN;
  return { kind: one.kind === 'list' ? 'list' : 'tuple', items: [...left, ...right] };
}

function item(value: Value, at: Value): Value {
  if (value.kind === 'map') return (isKnown(value) ? value.entries.find(([key]) => isSame(key, at))?.[1] : undefined) ?? UNKNOWN;
  const index = indexOf(at);
  return (index === null ? undefined : itemsOf(value)?.at(index)) ?? UNKNOWN;
}

function slice(value: Value, from: Value, to: Value): Value {
  const items = itemsOf(value);
  const [begin, end] = [from === NONE ? 0 : indexOf(from), to === NONE ? Infinity : indexOf(to)];
  if (items === null || begin === null || end === null) return UNKNOWN;
  return { kind: value.kind === 'list' ? 'list' : 'tuple', items: items.slice(begin, end) };
}

function indexOf(value: Value): number | null {
  return value.kind === 'number' && /^-?\d{1,6}$/.test(value.text) ? Number(value.text) : null;
}

function texts(all: readonly string[]): Value {
  return { kind: 'list', items: all.map((text) => ({ kind: 'text', text })) };
}
