/** A word of an expression; `at` counts characters from 0. */
export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly text: string;
  readonly at: number;
}

const BLANK = /\s+/y;
const TEXT = /'(?:[^']|'')*'/y;
const NUMBER = /[-+]?(?:0x[\da-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])/y;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const SIGN = /==|!=|<=|>=|&&|\|\||[()[\].,!<>*]/y;

/** What is wrong with an expression, in words. */
export class BadExpression extends Error {}

/** More than anybody writes, and few enough for whatever calls itself for each. */
const MOST = 2000;

/** The words of an expression. Throws `BadExpression`. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const found = tokenAt(source, at, tokens.at(-1));
    if (found.token !== null) tokens.push(found.token);
    if (tokens.length > MOST) throw new BadExpression(`it has more than ${MOST} words`);
    at = found.end;
  }
  return tokens;
}

function tokenAt(source: string, at: number, before: Token | undefined): { token: Token | null; end: number } {
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  const blank = match(BLANK);
  if (blank !== null) return { token: null, end: at + blank.length };
  const token = (kind: Token['kind'], text: string, length: number): { token: Token; end: number } => ({
    token: { kind, text, at },
    end: at + length,
  });
  const text = match(TEXT);
  if (text !== null) return token('text', text.slice(1, -1).replaceAll("''", "'"), text.length);
  const name = match(NAME);
  if (name !== null) return token('name', name, name.length);
  const number = before?.text === '.' && before.kind === 'sign' ? null : match(NUMBER);
  if (number !== null) return token('number', number, number.length);
  const sign = match(SIGN);
  if (sign !== null) return token('sign', sign, sign.length);
  const rest = source.slice(at, at + 12);
  throw new BadExpression(source[at] === '"' ? 'a text stands in single quotes, not in double ones' : `"${rest}" is nothing that belongs there`);
}
