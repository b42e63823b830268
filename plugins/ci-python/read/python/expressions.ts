import { Cursor } from './cursor.ts';
import type { Token } from './tokens.ts';
import type { Effort } from './effort.ts';
import { call, sizeOf, sum, type Value } from './values.ts';

/** What a name stands for; null for one that is not known. */
export type LookUp = (name: string) => Value | null;

/** An argument of a call. `name` is null for one by place, `**` for a spread map, `*` for a spread list. */
export interface Argument {
  readonly name: string | null;
  readonly value: Value;
}

/** What is known around an expression, and how much may be put together. */
export interface Surroundings {
  readonly lookUp: LookUp;
  readonly effort: Effort;
}

const DEEPEST = 60;

/** Reads expressions out of tokens. Whatever it does not understand is `computed`, and it goes on behind it. */
export class Expressions extends Cursor {
  readonly #lookUp: LookUp;
  readonly #effort: Effort;
  #nesting = 0;
  #operands = 0;

  constructor(tokens: readonly Token[], at: number, { lookUp, effort }: Surroundings) {
    super(tokens, at);
    this.#lookUp = lookUp;
    this.#effort = effort;
  }

  /** One expression, up to the comma, colon, bracket or line's end behind it. */
  expression(): Value {
    const start = this.at;
    const line = this.peek()?.line ?? 1;
    if (this.#nesting > DEEPEST) return this.skip(start, line);
    this.#nesting += 1;
    let value = this.#operand();
    while (this.is('+')) {
      this.at += 1;
      const other = this.#operand();
      value = this.#whole(sizeOf(value) + sizeOf(other), () => sum(value, other), line);
    }
    this.#nesting -= 1;
    return this.atEnd() ? value : this.skip(start, line);
  }

  /** What `make` makes of `size` things; computed where these are too many. */
  #whole(size: number, make: () => Value, line: number): Value {
    return this.#effort.allows(size) ? make() : { kind: 'computed', line };
  }

  /** The arguments of a call, from behind its bracket to behind the closing one. */
  args(): Argument[] {
    const found: Argument[] = [];
    while (!this.closes(')')) {
      const name = this.#argumentName();
      found.push({ name, value: this.expression() });
      this.passComma(')');
    }
    return found;
  }

  #argumentName(): string | null {
    const token = this.peek();
    if (token?.kind === 'sign' && (token.text === '*' || token.text === '**')) {
      this.at += 1;
      return token.text;
    }
    const next = this.tokens[this.at + 1];
    if (token?.kind !== 'name' || next?.kind !== 'sign' || next.text !== '=') return null;
    this.at += 2;
    return token.text;
  }

  #operand(): Value {
    const token = this.peek();
    // A list in a list in a list leads here without an expression between them.
    if (token === undefined || this.#operands > DEEPEST) return { kind: 'computed', line: token?.line ?? 1 };
    this.#operands += 1;
    const value = this.#operandAt(token);
    this.#operands -= 1;
    return value;
  }

  #operandAt(token: Token): Value {
    this.at += 1;
    const { line } = token;
    if (token.kind === 'string') return this.#after(this.#strings(token.text, line));
    if (token.kind === 'number') return { kind: 'plain', text: token.text, line };
    if (token.kind === 'name') return this.#after(this.#name(token.text, line));
    if (token.text === '[') return this.#after(this.#list(']', line).value);
    if (token.text === '(') return this.#after(this.#bracketed(line));
    if (token.text === '{') return this.#after(this.#braces(line));
    this.at -= 1;
    return { kind: 'computed', line };
  }

  /** Strings beside one another are one. */
  #strings(first: string | null, line: number): Value {
    let text = first;
    for (let token = this.peek(); token?.kind === 'string'; token = this.peek()) {
      text = text === null || token.text === null ? null : text + token.text;
      this.at += 1;
    }
    return text === null ? { kind: 'computed', line } : { kind: 'text', text, line };
  }

  #name(name: string, line: number): Value {
    if (['True', 'False', 'None'].includes(name)) return { kind: 'plain', text: name, line };
    if (!this.is('(')) return this.#lookUp(name) ?? { kind: 'computed', line };
    this.at += 1;
    const args = this.args();
    const [first, second] = args.map(({ value }) => value);
    const size = args.reduce((sum, { value }) => sum + sizeOf(value), 0);
    if (name === 'dict') return this.#whole(size, () => ({ kind: 'map', entries: entriesOf(args), line }), line);
    if (args.length === 1 && first !== undefined && ['list', 'tuple', 'sorted', 'set'].includes(name)) return first;
    if (name === 'filter' && second?.kind === 'list' && first?.kind === 'plain') return this.#whole(size, () => withoutEmpty(second), line);
    return { kind: 'computed', line };
  }

  /** What is behind a value: methods, subscripts, calls. */
  #after(value: Value): Value {
    let result = value;
    while (this.is('.') || this.is('[') || this.is('(')) {
      const isMethod = this.is('.');
      this.at += 1;
      if (isMethod) result = this.#method(result);
      else {
        const closing = this.tokens[this.at - 1]?.text === '[' ? ']' : ')';
        const key = this.expression();
        const found = result.kind === 'map' && key.kind === 'text' ? result.entries.get(key.text) : undefined;
        if (!this.closes(closing)) this.leave(closing, value.line);
        result = found ?? { kind: 'computed', line: value.line };
      }
    }
    return result;
  }

  #method(value: Value): Value {
    const token = this.peek();
    if (token?.kind !== 'name') return { kind: 'computed', line: value.line };
    this.at += 1;
    if (!this.is('(')) return { kind: 'computed', line: value.line };
    this.at += 1;
    const args = this.args().map((argument) => argument.value);
    return this.#whole(sizeOf(value), () => call(value, token.text, args), value.line);
  }

  #bracketed(line: number): Value {
    const { value, commas } = this.#list(')', line);
    const [only] = value.kind === 'list' ? value.items : [];
    return value.kind === 'list' && commas === 0 && only !== undefined ? only : value;
  }

  /** A list or tuple; `[one for one in them if one]` is as good as `them`. */
  #list(closing: string, line: number): { value: Value; commas: number } {
    const items: Value[] = [];
    let commas = 0;
    const comprehended = this.#comprehension(closing);
    if (comprehended !== null) return { value: comprehended, commas: 1 };
    while (!this.closes(closing)) {
      const isSpread = this.is('*');
      if (isSpread) this.at += 1;
      const value = this.expression();
      if (this.peek()?.text === 'for') return { value: this.leave(closing, line), commas: 1 };
      const spread = isSpread && value.kind === 'list' ? value.items : [value];
      if (!this.#effort.allows(spread.length)) return { value: this.leave(closing, line), commas: 1 };
      for (const one of spread) items.push(one);
      if (this.passComma(closing)) commas += 1;
    }
    return { value: { kind: 'list', items, line }, commas };
  }

  #comprehension(closing: string): Value | null {
    const [one, word, again, inside] = this.tokens.slice(this.at, this.at + 4);
    if (one?.kind !== 'name' || word?.text !== 'for' || again?.text !== one.text || inside?.text !== 'in') return null;
    const start = this.at;
    this.at += 4;
    const value = this.#operand();
    const condition = this.tokens.slice(this.at, this.at + 2);
    if (condition[0]?.text === 'if' && condition[1]?.text === one.text) this.at += 2;
    if (this.closes(closing))
      return value.kind === 'list' ? this.#whole(sizeOf(value), () => withoutEmpty(value), value.line) : { kind: 'computed', line: value.line };
    this.at = start;
    return null;
  }

  #braces(line: number): Value {
    const entries = new Map<string, Value>();
    let isMap = false;
    const items: Value[] = [];
    while (!this.closes('}')) {
      if (this.is('**')) this.at += 1;
      const key = this.expression();
      if (this.is(':')) {
        this.at += 1;
        isMap = true;
        const value = this.expression();
        if (key.kind === 'text') entries.set(key.text, value);
      } else items.push(key);
      if (this.peek()?.text === 'for') return this.leave('}', line);
      this.passComma('}');
    }
    return isMap || items.length === 0 ? { kind: 'map', entries, line } : { kind: 'list', items, line };
  }
}

function entriesOf(args: readonly Argument[]): ReadonlyMap<string, Value> {
  const entries = new Map<string, Value>();
  for (const { name, value } of args) {
    if (name === null || name === '**') {
      if (value.kind === 'map') for (const [key, one] of value.entries) entries.set(key, one);
    } else entries.set(name, value);
  }
  return entries;
}

function withoutEmpty(value: Value): Value {
  if (value.kind !== 'list') return value;
  return { ...value, items: value.items.filter((item) => item.kind !== 'text' || item.text.trim() !== '') };
}
