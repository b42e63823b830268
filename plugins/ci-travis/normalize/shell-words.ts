/** A string of assignments that does not end where it should. */
export class ShellWordsError extends Error {}

const OPEN = /\$[({]/y;

/**
 * The assignments of a line such as `A=1 B="two words" C=$(date)`, as pairs of name and value. Values keep their quotes: a shell reads them
 * later. A name without `=` has an empty value; a line in double quotes is one pair. Throws `ShellWordsError` for a quote that is not closed.
 * The grammar is that of the gem sh_vars, which Travis uses.
 */
export function shellAssignments(line: string): [name: string, value: string][] {
  const scanner = new Scanner(line.trim());
  const pairs = [scanner.pair()];
  while (scanner.skip(/\s+/y)) pairs.push(scanner.pair());
  if (!scanner.atEnd) throw new ShellWordsError(`unexpected text at position ${scanner.position}`);
  return pairs.filter((pair) => pair !== null);
}

class Scanner {
  readonly #text: string;
  readonly #quotes: string[] = [];
  position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.#text.length;
  }

  pair(): [string, string] | null {
    if (this.#peek('"')) return this.#quotedPair();
    const name = this.#take(/[^\s=]+/y);
    if (name === null) return this.#wordAlone();
    if (!this.skip(/=/y)) return [name, ''];
    const start = this.position;
    while (this.#value());
    return [name, this.#text.slice(start, this.position)];
  }

  #wordAlone(): [string, string] | null {
    const start = this.position;
    return this.#word() ? [this.#text.slice(start, this.position), ''] : null;
  }

  skip(pattern: RegExp): boolean {
    return this.#take(pattern) !== null;
  }

  /** A whole pair in double quotes: what is in them is read again, and only its first pair counts. */
  #quotedPair(): [string, string] | null {
    const start = this.position + 1;
    this.#doubleQuoted();
    const inner = this.#text.slice(start, this.position - 1);
    if (/(?<!\\)\\"/.test(inner)) throw new ShellWordsError('a quote within a quoted pair');
    return new Scanner(inner.trim()).pair();
  }

  #value(): boolean {
    return this.#bracketed() || this.#quoted() || this.#word();
  }

  /** Everything up to the end or the closing quote: within a bracket, spaces and closing brackets are like any other character. */
  #values(): void {
    while (this.skip(OPEN) || this.#quoted() || this.#word() || this.skip(/\s+/y));
  }

  #bracketed(): boolean {
    if (!this.skip(OPEN)) return false;
    this.#values();
    return true;
  }

  #quoted(): boolean {
    const quote = this.#text[this.position];
    // Within double quotes another one ends them; a nested pair of the same kind would need backslashes.
    if (quote === '"' && !this.#quotes.includes('"')) return this.#doubleQuoted();
    if (quote !== "'" && quote !== '`') return false;
    const end = this.#text.indexOf(quote, this.position + 1);
    if (end < 0) throw new ShellWordsError(`${quote} is not closed`);
    this.position = end + 1;
    return true;
  }

  #doubleQuoted(): true {
    this.position += 1;
    this.#quotes.push('"');
    this.skip(/(?:[^"\\]+|\\\\")+/y);
    this.#values();
    this.skip(/(?:[^"\\]+|\\\\")+/y);
    this.#quotes.pop();
    if (!this.#peek('"')) throw new ShellWordsError('" is not closed');
    this.position += 1;
    return true;
  }

  #word(): boolean {
    const start = this.position;
    while (!this.#closesQuote() && this.skip(/\\.|(?!\s|["'`]|\$\{|\$\()./y));
    return this.position > start;
  }

  #closesQuote(): boolean {
    const quote = this.#quotes.at(-1);
    return quote !== undefined && this.#peek(quote);
  }

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.position);
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.position += found.length;
    return found;
  }
}
