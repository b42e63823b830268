import type { Value } from './value.ts';
import { BadExpression, tokensOf, type Token } from './tokens.ts';

/** An expression as a tree. */
export type Node =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly key: Node }
  | { readonly kind: 'filter'; readonly of: Node }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] };
export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||';

/** From the loosest to the tightest. Source: docs.github.com, "Evaluate expressions in workflows and actions". */
const LEVELS: readonly (readonly Operator[])[] = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>=']];
const WORDS = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);
/** GitHub allows 50 levels. */
const DEEPEST = 50;
const LONGEST = 21_000;

/** Reads an expression, without `${{` and `}}`. Throws `BadExpression`. */
export function parseExpression(source: string): Node {
  if (source.length > LONGEST) throw new BadExpression(`it is longer than ${LONGEST} characters`);
  const parser = new Parser(tokensOf(source));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Node {
    if (this.#tokens.length === 0) throw new BadExpression('nothing stands in it');
    const node = this.#binary(0);
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw new BadExpression(`"${rest.text}" is not expected there`);
    return node;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let operator = this.#operator(operators); operator !== null; operator = this.#operator(operators)) {
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #operator(among: readonly Operator[]): Operator | null {
    const found = among.find((one) => this.#peek(one));
    if (found !== undefined) this.#next += 1;
    return found ?? null;
  }

  #unary(): Node {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new BadExpression(`it is nested more than ${DEEPEST} levels deep`);
    const node: Node = this.#take('!') ? { kind: 'not', of: this.#unary() } : this.#postfix(this.#primary());
    this.#depth -= 1;
    return node;
  }

  #primary(): Node {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new BadExpression('it ends too early');
    this.#next += 1;
    if (token.kind === 'text') return { kind: 'value', value: token.text };
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text) };
    if (token.kind === 'name') return this.#named(token.text);
    if (token.text !== '(') throw new BadExpression(`"${token.text}" is not expected there`);
    const inner = this.#binary(0);
    this.#expect(')');
    return inner;
  }

  #named(name: string): Node {
    if (this.#take('(')) return { kind: 'call', name: name.toLowerCase(), args: this.#args() };
    const word = WORDS.get(name);
    return word === undefined ? { kind: 'context', name: name.toLowerCase() } : { kind: 'value', value: word };
  }

  #args(): Node[] {
    const args: Node[] = [];
    if (this.#take(')')) return args;
    do args.push(this.#binary(0));
    while (this.#take(','));
    this.#expect(')');
    return args;
  }

  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      if (this.#take('.')) node = this.#property(node);
      else if (this.#take('[')) node = this.#indexed(node);
      else return node;
    }
  }

  #property(of: Node): Node {
    if (this.#take('*')) return { kind: 'filter', of };
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'name') throw new BadExpression('behind a dot a name must stand');
    this.#next += 1;
    return { kind: 'index', of, key: { kind: 'value', value: token.text } };
  }

  #indexed(of: Node): Node {
    if (this.#take('*')) {
      this.#expect(']');
      return { kind: 'filter', of };
    }
    const key = this.#binary(0);
    this.#expect(']');
    return { kind: 'index', of, key };
  }

  #peek(sign: string): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === 'sign' && token.text === sign;
  }

  #take(sign: string): boolean {
    if (!this.#peek(sign)) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new BadExpression(`"${sign}" is missing`);
  }
}
