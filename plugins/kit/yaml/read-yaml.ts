import { Composer, CST, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, Parser } from 'yaml';
import type { Report } from './report.ts';
import type { Entry, Place, Tree } from './tree.ts';

/** More than any description needs, and few enough that an alias bomb is noticed at once. */
const MAXIMUM_NODES = 100_000;
const MAXIMUM_DEPTH = 100;
/** Characters. The parser takes seconds for a megabyte, and everybody waits. */
const MAXIMUM_LENGTH = 200_000;
/** Of a text that is no YAML every line may be an error; the first few are what helps. */
const ERRORS_SHOWN = 20;
const EMPTY = /^(~|null|Null|NULL)?$/;

type YamlNode = Document['contents'];

/** What is read besides what YAML allows, because the service that a description is written for reads it; and how much is read. */
interface Options {
  /** `\'` between double quotes is an apostrophe, as the older releases of YamlDotNet have it (Scanner.cs, `simpleEscapeCodes`). */
  readonly escapedApostrophes?: boolean;
  /** Characters of texts, those of aliases counted as often as they are used: for who looks at what is long at every place, and has no budget of its own for that. */
  readonly mostCharacters?: number;
}

/** Reads a YAML text. Null where it is none or holds nothing; `report` then says why. Never throws. */
export function readYaml(text: string, report: Report, options: Options = {}): Tree | null {
  const lines = new LineCounter();
  const document = parse(text, lines, report, options);
  if (document === null) return null;
  const placeOf = (offset: number): Place => placeAt(lines, offset);
  for (const { pos, message } of document.errors.slice(0, ERRORS_SHOWN)) {
    report.error('', placeOf(pos[0]), `This is no valid YAML: ${withoutStop(message)}.`);
  }
  if (document.errors.length > ERRORS_SHOWN) report.error('', null, `There are ${document.errors.length - ERRORS_SHOWN} more errors like these.`);
  for (const { pos, message } of document.warnings) report.warning('', placeOf(pos[0]), `${withoutStop(message)}.`);
  if (document.errors.length > 0) return null;
  return new TreeReader(placeOf, report, options.mostCharacters ?? Infinity).read(document.contents);
}

function parse(text: string, lines: LineCounter, report: Report, { escapedApostrophes = false }: Options): Document | null {
  if (text.length > MAXIMUM_LENGTH) {
    report.error('', null, `This is too large: ${text.length} characters, where ${MAXIMUM_LENGTH} are allowed.`);
    return null;
  }
  const tokens = tokensOf(text, lines);
  const deep = tokens === null ? 0 : tooDeep(tokens);
  if (tokens === null || deep !== null) {
    report.error('', placeAt(lines, deep ?? 0), 'This is nested too deeply to be read.');
    return null;
  }
  if (escapedApostrophes) for (const token of tokens) unescapeApostrophes(token);
  // With the failsafe schema every scalar is its text: 3.10 stays 3.10. The composer's own search for keys that stand twice compares each
  // with each; ours does not.
  const [first, second] = [...new Composer({ schema: 'failsafe', uniqueKeys: false }).compose(tokens)];
  if (second !== undefined)
    report.error('', placeAt(lines, second.range[0]), 'There is more than one YAML document: nothing after "---" or "..." is read.');
  return first ?? null;
}

/** Null where the parser, which calls itself for each level, runs out of stack. */
function tokensOf(text: string, lines: LineCounter): CST.Token[] | null {
  try {
    return [...new Parser(lines.addNewLine).parse(text.replace(/^\uFEFF/, ''))];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Writes `'` for `\'` between double quotes. Tokens keep the offsets of the text that they come from, so that places stay right. */
function unescapeApostrophes(document: CST.Token): void {
  if (document.type !== 'document') return;
  CST.visit(document, ({ key, value }) => {
    for (const token of [key, value]) {
      if (token?.type === 'double-quoted-scalar')
        token.source = token.source.replaceAll(/\\([\s\S])/g, (escape, letter) => (letter === "'" ? letter : escape));
    }
  });
}

/**
 * Where a text is nested deeper than is read; null if nowhere. Looked for before anything is composed: the composer calls itself for
 * each level, and how far it gets would depend on the stack that is left.
 */
function tooDeep(tokens: readonly CST.Token[]): number | null {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { token, depth } = top;
    if (depth > MAXIMUM_DEPTH) return token.offset;
    for (const inner of innerTokens(token)) stack.push({ token: inner, depth: depth + 1 });
  }
  return null;
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }: { key?: CST.Token | null; value?: CST.Token }) =>
    [key, value].filter((one) => one !== undefined && one !== null),
  );
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function withoutStop(message: string): string {
  return message.trimEnd().replace(/[.:]$/, '');
}

/** Turns the parser's nodes into a `Tree`: aliases followed, merge keys (`<<`) merged. */
class TreeReader {
  readonly #anchors = new Map<string, YamlNode>();
  readonly #placeOf: (offset: number) => Place;
  readonly #report: Report;
  readonly #mostCharacters: number;
  #nodes = 0;
  #characters = 0;
  #tooMuch = false;

  constructor(placeOf: (offset: number) => Place, report: Report, mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
    this.#placeOf = placeOf;
    this.#report = report;
  }

  read(root: YamlNode): Tree | null {
    const tree = this.#node(root, 0, { line: 1, column: 1 });
    return this.#tooMuch ? null : tree;
  }

  #node(node: unknown, depth: number, near: Place): Tree {
    const at = this.#at(node, near);
    this.#nodes += 1;
    if (this.#tooMuch || this.#nodes > MAXIMUM_NODES || depth > MAXIMUM_DEPTH) return this.#giveUp(at);
    if (isAlias(node)) return this.#alias(node.source, depth, at);
    if (isScalar(node) || isMap(node) || isSeq(node)) this.#remember(node);
    if (isScalar(node)) return this.#scalar(scalar(node.type, node.value, at));
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.#node(item, depth + 1, at)), at };
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, depth, at), at };
    return { kind: 'empty', at };
  }

  #scalar(tree: Tree): Tree {
    this.#characters += tree.kind === 'text' ? tree.text.length : 0;
    return this.#characters > this.#mostCharacters ? this.#giveUp(tree.at) : tree;
  }

  #remember(node: Exclude<ParsedNode, { source: string }> | YamlNode): void {
    if (node !== null && 'anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }

  #alias(name: string, depth: number, at: Place): Tree {
    const target = this.#anchors.get(name);
    if (target !== undefined) return this.#node(target, depth + 1, at);
    this.#report.error('', at, `"*${name}" stands for nothing: there is no "&${name}" before it.`);
    return { kind: 'empty', at };
  }

  #entries(items: readonly { key: unknown; value: unknown }[], depth: number, at: Place): Entry[] {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const item of items) {
      const key = this.#node(item.key, depth + 1, at);
      const value = this.#node(item.value, depth + 1, key.at);
      if (this.#tooMuch) return [];
      if (key.kind !== 'text') this.#report.error('', key.at, 'A key must be a text.');
      else if (key.text === '<<') this.#mergeInto(merged, value);
      else this.#put(own, { key: key.text, keyAt: key.at, value });
    }
    // The map's own keys win.
    return [...own.values(), ...[...merged.values()].filter(({ key }) => !own.has(key))];
  }

  #put(own: Map<string, Entry>, entry: Entry): void {
    const first = own.get(entry.key);
    if (first === undefined) own.set(entry.key, entry);
    else this.#report.error(entry.key, entry.keyAt, `"${entry.key}" stands here twice; the first is in line ${first.keyAt.line}.`);
  }

  /** Of several merged maps the first that has a key wins. */
  #mergeInto(merged: Map<string, Entry>, value: Tree): void {
    if (value.kind === 'list') for (const item of value.items) this.#mergeInto(merged, item);
    else if (value.kind === 'map') for (const entry of value.entries) merged.set(entry.key, merged.get(entry.key) ?? entry);
    else this.#report.error('', value.at, 'Behind "<<" a map must stand, or a list of maps.');
  }

  #giveUp(at: Place): Tree {
    if (!this.#tooMuch) this.#report.error('', at, 'This is too large or nested too deeply; or an alias holds itself.');
    this.#tooMuch = true;
    return { kind: 'empty', at };
  }

  #at(node: unknown, near: Place): Place {
    const range = (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range;
    return range ? this.#placeOf(range[0]) : near;
  }
}

function scalar(type: unknown, value: unknown, at: Place): Tree {
  const text = typeof value === 'string' ? value : '';
  if (type !== 'PLAIN') return { kind: 'text', text, at };
  return EMPTY.test(text) ? { kind: 'empty', at } : { kind: 'text', text, at, isPlain: true };
}
