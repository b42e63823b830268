import type { Token } from './tokens.ts';
import type { Value } from './values.ts';

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** A place among tokens, and how to get on from there. */
export class Cursor {
  protected readonly tokens: readonly Token[];
  at: number;

  constructor(tokens: readonly Token[], at: number) {
    this.tokens = tokens;
    this.at = at;
  }

  protected peek(): Token | undefined {
    return this.tokens[this.at];
  }

  protected is(sign: string): boolean {
    const token = this.peek();
    return token?.kind === 'sign' && token.text === sign;
  }

  protected atEnd(): boolean {
    const token = this.peek();
    return token === undefined || token.kind === 'newline' || (token.kind === 'sign' && ',:)]}'.includes(token.text)) || token.text === 'for';
  }

  /** Whether the bracket closes here, or there is no more to read; passes it. */
  protected closes(closing: string): boolean {
    if (this.peek() === undefined) return true;
    if (!this.is(closing)) return false;
    this.at += 1;
    return true;
  }

  /** Passes a comma. Where neither it nor the bracket's end follows, one token is passed, so that reading always goes on. */
  protected passComma(closing: string): boolean {
    if (this.is(',')) {
      this.at += 1;
      return true;
    }
    if (!this.is(closing)) this.at += 1;
    return false;
  }

  /** Passes all up to behind the bracket that closes. */
  protected leave(closing: string, line: number): Value {
    let depth = 0;
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      this.at += 1;
      if (token.kind !== 'sign') continue;
      if (token.text in CLOSING) depth += 1;
      else if (depth === 0 && token.text === closing) break;
      else if (')]}'.includes(token.text)) depth -= 1;
    }
    return { kind: 'computed', line };
  }

  /** Passes an expression that is not understood. */
  protected skip(start: number, line: number): Value {
    let depth = 0;
    for (this.at = start; this.at < this.tokens.length; this.at += 1) {
      const token = this.peek();
      if (token === undefined || (depth === 0 && this.atEnd() && token.text !== 'for')) break;
      if (token.kind === 'sign' && token.text in CLOSING) depth += 1;
      else if (token.kind === 'sign' && ')]}'.includes(token.text)) depth -= 1;
    }
    return { kind: 'computed', line };
  }
}
