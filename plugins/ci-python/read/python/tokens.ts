/** A token of a Python text, as far as literals need it. `text` of a string is its value; null for one that only running tells: an f-string. */
export type Token =
  | { readonly kind: 'name' | 'number' | 'sign'; readonly text: string; readonly line: number }
  | { readonly kind: 'string'; readonly text: string | null; readonly line: number }
  /** The end of a logical line; `indent` is how far in the next one begins. */
  | { readonly kind: 'newline'; readonly text: ''; readonly line: number; readonly indent: number };

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /(?:0[xXoObB][0-9a-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d+)[jJlL]?/y;
const SIGN = /\*\*=?|\/\/=?|<<=?|>>=?|!=|->|:=|[+\-*/%@&|^=<>]=|[^\s]/y;
const STRING = /([rRbBuUfFtT]{0,3})("""|'''|"|')/y;
const SPACE = /[ \t\f]+|\\\r?\n|#[^\n]*/y;

/**
 * Cuts a Python text, of any age, into tokens; nothing of it is ever run. Never throws: what is no Python ends up as signs, and a string without an end ends with the line, or with the
 * text.
 */
export function tokenize(text: string): Token[] {
  return new Tokenizer(text).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  }

  run(): Token[] {
    this.#newline();
    while (this.#at < this.#text.length) this.#next();
    this.#newline();
    return this.#tokens;
  }

  #next(): void {
    if (this.#text[this.#at] === '\n') {
      this.#at += 1;
      this.#line += 1;
      if (this.#depth === 0) this.#newline();
      return;
    }
    const space = this.#match(SPACE);
    if (space !== null) {
      if (space[0].startsWith('\\')) this.#line += 1;
      return;
    }
    const string = this.#match(STRING);
    if (string !== null) this.#string(string[1] ?? '', string[2] ?? '"');
    else this.#word();
  }

  #word(): void {
    const name = this.#match(NAME);
    if (name !== null) return this.#push('name', name[0]);
    const number = this.#match(NUMBER);
    if (number !== null) return this.#push('number', number[0]);
    const sign = this.#match(SIGN)?.[0] ?? this.#text[this.#at++] ?? '';
    if ('([{'.includes(sign)) {
      this.#push('sign', sign);
      this.#depth += 1;
    } else {
      if (')]}'.includes(sign)) this.#depth = Math.max(0, this.#depth - 1);
      this.#push('sign', sign);
    }
  }

  #string(prefix: string, quote: string): void {
    const line = this.#line;
    const isRaw = /r/i.test(prefix);
    let value = '';
    while (this.#at < this.#text.length && !this.#text.startsWith(quote, this.#at)) {
      const sign = this.#text[this.#at] ?? '';
      if (sign === '\n' && quote.length === 1) break;
      if (sign === '\n') this.#line += 1;
      if (sign === '\\') value += this.#escape(isRaw);
      else {
        value += sign;
        this.#at += 1;
      }
    }
    if (this.#text.startsWith(quote, this.#at)) this.#at += quote.length;
    this.#tokens.push({ kind: 'string', text: /[ft]/i.test(prefix) ? null : value, line });
  }

  /** Only what matters in metadata; any other escape stays as it is written. */
  #escape(isRaw: boolean): string {
    const next = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    if (next === '\n') this.#line += 1;
    if (isRaw) return `\\${next}`;
    const meant: Record<string, string> = { '\n': '', n: '\n', t: '\t', '\\': '\\', "'": "'", '"': '"' };
    return meant[next] ?? `\\${next}`;
  }

  #newline(): void {
    let end = this.#at;
    while (this.#text[end] === ' ' || this.#text[end] === '\t') end += 1;
    this.#tokens.push({ kind: 'newline', text: '', line: this.#line, indent: end - this.#at });
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
