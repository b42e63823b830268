import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type ParsedNode,
  type Scalar,
  type YAMLParseError,
} from 'yaml';
import { MessageLog } from './messages.ts';
import { plainScalar } from './scalars.ts';
import { asciiOnly, dedent } from './source-text.ts';
import { map, moved, none, seq, str, type MapValue, type Place, type Value } from './value.ts';

/** Deeper nesting than this is refused: nobody writes it, and a stack is finite. */
const MAX_DEPTH = 100;
/** More values than this, aliases counted as often as they are used, are refused: a few lines of aliases can stand for billions. */
const MAX_VALUES = 100_000;

/** More characters of texts than this are refused, those of aliases counted as often as they are used: what is long is looked at at every place. */
const MAX_CHARACTERS = 5_000_000;

/** More characters than this are refused: the parser takes seconds for a megabyte, and everybody waits. */
const MAX_LENGTH = 200_000;

/** A description that was read. `anchored` are the keys before a YAML anchor: unknown keys among them hold shared pieces. */
export interface Description {
  readonly root: MapValue;
  readonly anchored: ReadonlySet<string>;
}

class Refusal extends Error {
  readonly place: Place | null;

  constructor(message: string, place: Place | null) {
    super(message);
    this.place = place;
  }
}

/** A document, with what is needed to find places in it. */
interface Parsed {
  readonly document: Document.Parsed | null;
  readonly lines: LineCounter;
  readonly length: number;
}

/**
 * Reads the first YAML document of a text as Travis does (lib/travis/yml/support/yaml.rb): all keys are text; of equal keys the last
 * counts; `<<` merges where it stands, so that it overrides what comes before it and is overridden by what comes after; an alias without
 * anchor is null. Null with an error in the log where the text is no YAML, no mapping, or refused.
 */
export function readYaml(source: string, log: MessageLog): Description | null {
  try {
    if (source.length > MAX_LENGTH) throw new Refusal(`too large: ${source.length} characters, where ${MAX_LENGTH} are allowed`, null);
    const parsed = parse(dedent(asciiOnly(source, log)));
    if (parsed.document === null) return { root: map(new Map(), null), anchored: new Set() };
    return new Reader(parsed).description(parsed.document);
  } catch (error) {
    // The parser calls itself for each level, and some of them begin before their depth can be seen.
    const refusal = error instanceof RangeError ? new Refusal('nested too deeply', null) : error;
    if (!(refusal instanceof Refusal)) throw error;
    log.error([], refusal.message, refusal.place);
    return null;
  }
}

function parse(source: string): Parsed {
  let parsed = compose(source);
  let fault = faultOf(parsed);
  let text = source;
  for (let left = Math.min(MAX_MENDED, MAX_REREAD / source.length); fault && left > 0; left -= 1) {
    const better = mendQuoted(text, fault);
    if (better === null) break;
    text = better;
    parsed = compose(text);
    fault = faultOf(parsed);
  }
  if (fault) throw new Refusal(`not valid YAML: ${firstLine(fault.message)}`, placeAt(parsed.lines, fault.pos[0]));
  return parsed;
}

function faultOf(parsed: Parsed): YAMLParseError | undefined {
  return parsed.document?.errors.find((error) => !TOLERATED.has(error.code));
}

/** As many lines are indented at most to read a quoted string. */
const MAX_MENDED = 200;
/** As many characters are read again at most for that. */
const MAX_REREAD = 500_000;
const INDENT = ' '.repeat(60);

/**
 * A quoted string may go on in lines that are indented less than it should be: libyaml reads them, the `yaml` package does not. The text with
 * the next such line indented, which changes nothing in the string; null if that is not the trouble.
 */
function mendQuoted(text: string, fault: YAMLParseError): string | null {
  if (fault.code !== 'MISSING_CHAR' || !/closing ["']quote/.test(fault.message)) return null;
  const next = /\n(?=[^\n]*[^\s])(?! {60})/g;
  next.lastIndex = Math.max(0, fault.pos[0] - 1);
  const found = next.exec(text);
  return found === null ? null : `${text.slice(0, found.index + 1)}${INDENT}${text.slice(found.index + 1)}`;
}

function compose(text: string): Parsed {
  const lines = new LineCounter();
  const composer = new Composer({ version: '1.1', schema: 'failsafe', uniqueKeys: false, merge: false, strict: false, logLevel: 'silent' });
  const tokens = shallow(new Parser(lines.addNewLine).parse(text), lines);
  for (const document of composer.compose(tokens, true, text.length)) {
    const isEmpty = document.contents === null && document.errors.length === 0;
    return { document: isEmpty ? null : document, lines, length: text.length };
  }
  return { document: null, lines, length: text.length };
}

/** What the `yaml` package calls an error, but libyaml reads. */
const TOLERATED = new Set<string>(['MULTIPLE_DOCS', 'TAG_RESOLVE_FAILED', 'BAD_DIRECTIVE', 'KEY_OVER_1024_CHARS']);

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}

function* shallow(tokens: Iterable<CST.Token>, lines: LineCounter): Generator<CST.Token> {
  for (const token of tokens) {
    refuseDepth(token, lines);
    yield token;
  }
}

function refuseDepth(root: CST.Token, lines: LineCounter): void {
  const stack: { token: CST.Token; depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) throw new Refusal(`nested more than ${MAX_DEPTH} levels deep`, placeAt(lines, token.offset));
    for (const child of children(token)) stack.push({ token: child, depth: depth + 1 });
  }
}

function children(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((part): part is CST.Token => part !== null && part !== undefined));
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

interface Anchor {
  readonly value: Value;
  readonly size: number;
  readonly characters: number;
}

class Reader {
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Anchor>();
  readonly #anchored = new Set<string>();
  #lastScalar = '';
  readonly #length: number;
  #size = 0;
  #characters = 0;

  constructor({ lines, length }: Parsed) {
    this.#lines = lines;
    this.#length = length;
  }

  description(document: Document.Parsed): Description {
    const root = this.#value(document.contents, this.#place(document.contents));
    if (root.kind === 'none') return { root: map(new Map(), null), anchored: this.#anchored };
    if (root.kind !== 'map' && root.kind !== 'secure') throw new Refusal('the description must be a mapping of keys to values', root.place);
    return { root: { ...root, kind: 'map' }, anchored: this.#anchored };
  }

  #place(node: ParsedNode | null): Place | null {
    return node?.range ? placeAt(this.#lines, node.range[0]) : null;
  }

  #value(node: ParsedNode | null, place: Place | null): Value {
    this.#grow(1, node);
    if (node === null) return none(place);
    if (isAlias(node)) return this.#alias(node.source, node, place);
    const before = { size: this.#size, characters: this.#characters };
    if (node.anchor !== undefined) this.#anchored.add(this.#lastScalar);
    const value = this.#content(node, place);
    if (node.anchor !== undefined)
      this.#anchors.set(node.anchor, { value, size: this.#size - before.size, characters: this.#characters - before.characters });
    return value;
  }

  #alias(name: string, node: ParsedNode, place: Place | null): Value {
    const anchor = this.#anchors.get(name);
    if (!anchor) return none(place);
    this.#grow(anchor.size, node);
    this.#read(anchor.characters, node);
    return moved(anchor.value, place);
  }

  #grow(by: number, node: ParsedNode | null): void {
    this.#size += by;
    if (this.#size > MAX_VALUES) throw new Refusal(`more than ${MAX_VALUES} values, aliases counted as often as they are used`, this.#place(node));
  }

  #read(characters: number, node: ParsedNode): void {
    this.#characters += characters;
    if (this.#characters > MAX_CHARACTERS)
      throw new Refusal(`more than ${MAX_CHARACTERS} characters, aliases counted as often as they are used`, this.#place(node));
  }

  #content(node: ParsedNode, place: Place | null): Value {
    if (isSeq(node))
      return seq(
        node.items.map((item) => this.#value(item, this.#place(item))),
        place,
      );
    if (isMap(node)) return this.#map(node, place);
    if (!isScalar(node)) return none(place);
    const text = this.#scalarText(node);
    this.#read(text.length, node);
    this.#lastScalar = text;
    if (/^(?:!binary|tag:yaml\.org,2002:binary)$/.test(node.tag ?? '')) return str(Buffer.from(text, 'base64').toString('latin1'), place);
    const plain = node.type === 'PLAIN' && !/^(?:!|tag:yaml\.org,2002:str$)/.test(node.tag ?? '');
    return plain ? plainScalar(text, place) : str(text, place);
  }

  /** A block at the text's end has no line break after it: none is invented. */
  #scalarText(node: Scalar.Parsed): string {
    const text = sourceText(node);
    const isLastBlock = (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') && node.range[1] >= this.#length;
    return isLastBlock ? text.replace(/\n$/, '') : text;
  }

  #map(node: ParsedNode & { items: { key: ParsedNode; value: ParsedNode | null }[] }, place: Place | null): Value {
    const entries = new Map<string, Value>();
    const seen = new Map<string, number>();
    for (const pair of node.items) {
      const key = this.#key(pair.key);
      const value = this.#value(pair.value, this.#place(pair.key));
      if (key === '<<' && mergeInto(entries, value)) continue;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      entries.set(key, value);
    }
    const duplicates = [...seen].filter(([key, times]) => times > 1 && key !== '<<').map(([key]) => key);
    return map(entries, place, duplicates);
  }

  #key(node: ParsedNode | null): string {
    if (node === null) return '';
    if (!isScalar(node)) throw new Refusal('a key must be text', this.#place(node));
    const text = sourceText(node);
    this.#read(text.length, node);
    this.#lastScalar = text;
    return text.startsWith(':') ? text.slice(1) : text;
  }
}

function mergeInto(entries: Map<string, Value>, value: Value): boolean {
  if (value.kind === 'seq' && value.items.every((item) => item.kind === 'map' || item.kind === 'secure')) {
    const merged = new Map<string, Value>();
    for (const item of value.items.toReversed()) mergeInto(merged, item);
    return mergeInto(entries, map(merged, value.place));
  }
  if (value.kind !== 'map' && value.kind !== 'secure') return false;
  for (const [key, child] of value.entries) entries.set(key, child);
  return true;
}

/** The text of a scalar; the schema in use makes all of them strings. */
function sourceText(node: Scalar.Parsed): string {
  return typeof node.value === 'string' ? node.value : '';
}
