/** A token of a Python text. The text of a string is its value; null for an f-string or bytes, or one that uses a rare escape. */
export type Token =
  | { readonly kind: 'name' | 'number' | 'sign'; readonly text: string; readonly line: number }
  | { readonly kind: 'string'; readonly text: string | null; readonly line: number };

/** A logical line: what stands between two line ends outside of brackets. */
export interface Line {
  readonly indent: number;
  readonly line: number;
  readonly tokens: readonly Token[];
}

const SPACE = /(?:[ \t\f]|\\\r?\n|#[^\n]*)+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /(?:0[xXoObB][0-9a-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:\.(?!\w))?(?:[eE][+-]?\d+)?)[jJ]?/y;
const STRING = /([rRbBuUfFtT]{0,2})("""|'''|"|')/y;
const SIGN = /\*\*=?|\/\/=?|<<=?|>>=?|!=|->|:=|[+\-*/%@&|^=<>]=|\.\.\.|[^\s]/y;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '', n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

/** Cuts a Python text into logical lines; empty ones are left out. Nothing is executed, and whatever the text, it never throws. */
export function logicalLines(text: string): Line[] {
  return new Tokenizer(text).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #lines: Line[] = [];
  #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  }

  run(): Line[] {
    while (this.#at < this.#text.length) {
      const indent = this.#indent();
      const { length } = this.#lines;
      this.#logicalLine();
      const [first] = this.#tokens;
      if (first !== undefined) this.#lines[length] = { indent, line: first.line, tokens: this.#tokens };
      this.#tokens = [];
    }
    return this.#lines;
  }

  /** Tabs go to the next multiple of eight, as Python has it. */
  #indent(): number {
    let indent = 0;
    for (; this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t'; this.#at += 1) {
      indent = this.#text[this.#at] === ' ' ? indent + 1 : (Math.floor(indent / 8) + 1) * 8;
    }
    return indent;
  }

  #logicalLine(): void {
    for (; this.#at < this.#text.length;) {
      if (this.#text[this.#at] === '\n') {
        this.#at += 1;
        this.#line += 1;
        if (this.#depth === 0) return;
      } else this.#token();
    }
  }

  #token(): void {
    const space = this.#match(SPACE);
    if (space !== null) {
      this.#line += space[0].split('\n').length - 1;
      return;
    }
    const string = this.#match(STRING);
    if (string !== null) return this.#string(string[1] ?? '', string[2] ?? '"');
    const name = this.#match(NAME);
    if (name !== null) return this.#push('name', name[0]);
    const number = this.#match(NUMBER);
    if (number !== null) return this.#push('number', number[0]);
    const sign = this.#match(SIGN)?.[0] ?? this.#text[this.#at++] ?? '';
    if ('([{'.includes(sign)) this.#depth += 1;
    else if (')]}'.includes(sign)) this.#depth = Math.max(0, this.#depth - 1);
    this.#push('sign', sign);
  }

  #string(prefix: string, quote: string): void {
    const line = this.#line;
    const parts: (string | null)[] = [];
    while (this.#at < this.#text.length && !this.#text.startsWith(quote, this.#at)) {
      const sign = this.#text[this.#at] ?? '';
      if (sign === '\n' && quote.length === 1) break;
      parts.push(sign === '\\' ? this.#escape(/r/i.test(prefix)) : sign);
      if (sign === '\n') this.#line += 1;
      if (sign !== '\\') this.#at += 1;
    }
    if (this.#text.startsWith(quote, this.#at)) this.#at += quote.length;
    const isKnown = !/[fbt]/i.test(prefix) && parts.every((part) => part !== null);
    this.#tokens.push({ kind: 'string', text: isKnown ? parts.join('') : null, line });
  }

  #escape(isRaw: boolean): string | null {
    const next = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    if (next === '\n') this.#line += 1;
    if (isRaw) return `\\${next}`;
    if (/[0-7xuUNabfv]/.test(next)) return null;
    return ESCAPES[next] ?? `\\${next}`;
  }

  #push(kind: 'name' | 'number' | 'sign', text: string): void {
    this.#tokens.push({ kind, text, line: this.#line });
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}
