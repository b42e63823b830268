import { type Document, LineCounter, type ParsedNode, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Report } from './report.ts';
import type { Entry, Place, Tree } from './tree.ts';

/** More than any description needs, and few enough that an alias bomb is noticed at once. */
const MAXIMUM_NODES = 100_000;
const MAXIMUM_DEPTH = 100;
const EMPTY = /^(~|null|Null|NULL)?$/;

type YamlNode = Document['contents'];

/** Reads a YAML text. Null where it is none or holds nothing; `report` then says why. Never throws. */
export function readYaml(text: string, report: Report): Tree | null {
  const lines = new LineCounter();
  const document = parse(text, lines, report);
  if (document === null) return null;
  const placeOf = (offset: number): Place => placeAt(lines, offset);
  for (const { pos, message } of document.errors) report.error('', placeOf(pos[0]), `This is no valid YAML: ${withoutStop(message)}.`);
  for (const { pos, message } of document.warnings) report.warning('', placeOf(pos[0]), `${withoutStop(message)}.`);
  if (document.errors.length > 0) return null;
  return new TreeReader(placeOf, report).read(document.contents);
}

function parse(text: string, lines: LineCounter, report: Report): Document | null {
  try {
    // With the failsafe schema every scalar is its text: 3.10 stays 3.10.
    const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
    const [first, second] = 'empty' in documents ? [] : documents;
    if (second !== undefined)
      report.error('', placeAt(lines, second.range[0]), 'There is more than one YAML document: nothing after "---" or "..." is read.');
    return first ?? null;
  } catch (error) {
    // The parser calls itself for each level; a text of a hundred thousand brackets is more than any stack holds.
    if (!(error instanceof RangeError)) throw error;
    report.error('', { line: 1, column: 1 }, 'This is nested too deeply to be read.');
    return null;
  }
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function withoutStop(message: string): string {
  return message.replace(/[.:]?\s*$/, '');
}

/** Turns the parser's nodes into a `Tree`: aliases followed, merge keys (`<<`) merged. */
class TreeReader {
  readonly #anchors = new Map<string, YamlNode>();
  readonly #placeOf: (offset: number) => Place;
  readonly #report: Report;
  #nodes = 0;
  #tooMuch = false;

  constructor(placeOf: (offset: number) => Place, report: Report) {
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
    if (isScalar(node)) return scalar(node.type, node.value, at);
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.#node(item, depth + 1, at)), at };
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, depth, at), at };
    return { kind: 'empty', at };
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
    const own: Entry[] = [];
    const merged: Entry[] = [];
    for (const item of items) {
      const key = this.#node(item.key, depth + 1, at);
      const value = this.#node(item.value, depth + 1, key.at);
      if (key.kind === 'text' && key.text === '<<') merged.push(...this.#merge(value));
      else if (key.kind === 'text') own.push({ key: key.text, keyAt: key.at, value });
      else if (!this.#tooMuch) this.#report.error('', key.at, 'A key must be a text.');
    }
    const names = new Set(own.map(({ key }) => key));
    // The map's own keys win, and of two merged maps the first.
    return [...own, ...merged.filter(({ key }) => !names.has(key) && names.add(key))];
  }

  #merge(value: Tree): readonly Entry[] {
    if (value.kind === 'map') return value.entries;
    if (value.kind === 'list') return value.items.flatMap((item) => [...this.#merge(item)]);
    this.#report.error('', value.at, 'Behind "<<" a map must stand, or a list of maps.');
    return [];
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
  return type === 'PLAIN' && EMPTY.test(text) ? { kind: 'empty', at } : { kind: 'text', text, at };
}
