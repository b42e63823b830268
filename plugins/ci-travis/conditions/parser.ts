import { FACTS, type Expression, type Fact, type Operand } from './expression.ts';

/** A condition that cannot be read; the message says why. */
export class ConditionError extends Error {}

const FACT = new RegExp(
  `(?:type|repo|head_repo|os|dist|group|sudo|language|sender|fork|draft|branch|head_branch|tag|commit_message)(?=[\\s,=)|]|$)`,
  'y',
);
const MAX_DEPTH = 100;
/** A condition with more operators than this is refused. */
const MAX_OPERATORS = 500;

/**
 * Parses a condition such as `branch = master AND NOT (type = pull_request)`. The language, with its habits (words need no quotes, keywords
 * any case), is version 1 of travis-ci/travis-conditions. Throws `ConditionError`.
 */
export function parseCondition(text: string): Expression {
  return new Parser(text.replaceAll(/\\\s*[\n\r]/g, ' ')).parse();
}

/** What is wrong with a condition, or null. */
export function checkSyntax(text: string): string | null {
  try {
    parseCondition(text);
    return null;
  } catch (error) {
    if (error instanceof ConditionError) return error.message;
    throw error;
  }
}

function isFact(name: string): name is Fact {
  return FACTS.some((fact) => fact === name);
}

class Parser {
  readonly #text: string;
  #position = 0;
  #depth = 0;
  #operators = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Expression {
    const expression = this.#or();
    if (this.#position < this.#text.length) throw new ConditionError(`could not parse ${JSON.stringify(this.#text)}`);
    return expression;
  }

  #or(): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ConditionError('nested too deep');
    let left = this.#and();
    while (this.#spaced(/or|\|\|/iy) !== null) left = { is: 'or', left, right: this.#and() };
    this.#depth -= 1;
    return left;
  }

  #count(): void {
    this.#operators += 1;
    if (this.#operators > MAX_OPERATORS) throw new ConditionError(`more than ${MAX_OPERATORS} operators`);
  }

  #and(): Expression {
    let left = this.#unary();
    while (this.#spaced(/and|&&/iy) !== null) left = { is: 'and', left, right: this.#unary() };
    return left;
  }

  #unary(): Expression {
    this.#count();
    let negations = 0;
    while (!this.#sees(/\s*\(/y) && this.#spaced(/not|!/iy) !== null) {
      this.#count();
      negations += 1;
    }
    let expression = this.#sees(/\s*\(/y) ? this.#parens(() => this.#or()) : this.#term();
    for (; negations > 0; negations -= 1) expression = { is: 'not', of: expression };
    return expression;
  }

  #parens<Result>(inner: () => Result): Result {
    this.#spaced(/\(/y);
    const result = inner();
    this.#skipSpace();
    if (this.#take(/\)/y) === null) this.#expected(')');
    this.#skipSpace();
    return result;
  }

  #term(): Expression {
    const left = this.#operand();
    return this.#inList(left) ?? this.#isState(left) ?? this.#match(left) ?? this.#comparison(left) ?? left;
  }

  #inList(left: Operand): Expression | null {
    const operator = this.#spaced(/in|not in/iy);
    if (operator === null) return null;
    if (!this.#sees(/\(/y)) this.#expected('a list of values');
    const list = this.#parens(() => this.#list());
    if (list.length === 0) this.#expected('a list of values');
    return { is: 'in', negated: operator.toLowerCase() !== 'in', left, list };
  }

  #isState(left: Operand): Expression | null {
    const operator = this.#spaced(/is not|is/iy);
    if (operator === null) return null;
    const state = this.#spaced(/present|blank|true|false/iy)?.toLowerCase();
    if (state !== 'present' && state !== 'blank' && state !== 'true' && state !== 'false') return null;
    return { is: 'is', negated: operator.toLowerCase() !== 'is', left, state };
  }

  #match(left: Operand): Expression | null {
    const operator = this.#spaced(/=~|~=|!~/y);
    return operator === null ? null : { is: 'match', negated: operator === '!~', left, pattern: this.#pattern() };
  }

  #comparison(left: Operand): Expression | null {
    const operator = this.#spaced(/==|=|!=/y);
    return operator === null ? null : { is: 'equal', negated: operator === '!=', left, right: this.#operand() };
  }

  /** A pattern in slashes, or one word, or what a function gives. */
  #pattern(): string | Operand | null {
    const call = this.#call();
    if (call) return call;
    const slashed = this.#spaced(/\/(?:\\+[^\\]|[^/\\])*\/?/y);
    const found = slashed ?? this.#spaced(/\S*[^\s)]+/y);
    return found === null ? null : found.replaceAll(/^\/|\/$/g, '');
  }

  #operand(): Operand {
    this.#skipSpace();
    const operand = this.#fact() ?? this.#call() ?? this.#value();
    this.#skipSpace();
    return operand ?? this.#expected('an operand');
  }

  #fact(): Operand | null {
    const name = this.#take(FACT);
    return name !== null && isFact(name) ? { is: 'fact', name } : null;
  }

  #call(): Operand | null {
    const name = this.#spaced(/env|concat/iy)?.toLowerCase();
    if ((name !== 'env' && name !== 'concat') || !this.#sees(/\(/y)) return null;
    return { is: 'call', name, args: this.#parens(() => this.#list()) };
  }

  #value(): Operand | null {
    const quote = this.#take(/["']/y);
    if (quote !== null) return this.#quoted(quote);
    const word = this.#spaced(/[^\s()"',=!]+/y);
    if (word?.startsWith('$')) throw new ConditionError('a word cannot start with a dollar: use env(NAME) for a variable, quotes for text');
    return word === null ? null : { is: 'text', text: word };
  }

  #quoted(quote: string): Operand {
    const end = this.#text.indexOf(quote, this.#position);
    if (end < 0) this.#expected(quote);
    const text = this.#text.slice(this.#position, end);
    this.#position = end + 1;
    return { is: 'text', text };
  }

  #list(): Operand[] {
    const items: Operand[] = [];
    this.#skipSpace();
    for (let item = this.#item(); item !== null; item = this.#item()) {
      items.push(item);
      if (this.#spaced(/,/y) === null) break;
    }
    return items;
  }

  #item(): Operand | null {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ConditionError('nested too deep');
    const item = this.#fact() ?? this.#call() ?? this.#value();
    this.#depth -= 1;
    return item;
  }

  #expected(what: string): never {
    throw new ConditionError(`expected ${what} at position ${this.#position} in: ${JSON.stringify(this.#text)}`);
  }

  #spaced(pattern: RegExp): string | null {
    this.#skipSpace();
    const found = this.#take(pattern);
    this.#skipSpace();
    return found;
  }

  #skipSpace(): void {
    this.#take(/\s*/y);
  }

  #sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#position;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#position += found.length;
    return found;
  }
}
