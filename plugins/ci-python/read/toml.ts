import { parse, TomlError } from 'smol-toml';

/** What a TOML text says, or why it cannot be read. Lines and columns count from 1. */
export type TomlReading = { readonly table: Table } | { readonly problem: string; readonly line: number; readonly column: number };

/** A table as the parser leaves it: of a text of others, so every value is unknown until it is looked at. */
export type Table = Readonly<Record<string, unknown>>;

/** Never throws: what is nested so deeply that no parser reads it is a problem as well. */
export function readToml(text: string): TomlReading {
  try {
    return { table: parse(text) };
  } catch (error) {
    if (error instanceof TomlError) return { problem: firstLine(error.message), line: error.line, column: error.column };
    if (error instanceof RangeError) return { problem: 'It is nested too deeply.', line: 1, column: 1 };
    throw error;
  }
}

/** The table below a path of keys; empty where there is none. */
export function tableAt(table: Table, ...path: readonly string[]): Table {
  return path.reduce<Table>((above, key) => asTable(own(above, key)), table);
}

/** A value of a table; undefined for what it does not have of its own. */
export function own(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The text at a key; undefined for anything else. */
export function textAt(table: Table, key: string): string | undefined {
  const value = own(table, key);
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an array; anything else is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** A value as a table; empty for anything else. */
export function asTable(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) ? (value as Table) : {};
}

/** Where the tables and keys of a text stand. */
export interface TomlPlaces {
  /** The line on which a table's key stands, as `['project'], 'requires-python'`; the table's own line for a null key; null where it is not written in the plain way. */
  lineOf(table: readonly string[], key: string | null): number | null;
}

/** The first line of a table, and of each of its keys. */
interface TableLines {
  line: number | null;
  readonly keys: Map<string, number>;
}

/** Reads a text once, however many places are asked for. */
export function placesIn(text: string): TomlPlaces {
  const tables = new Map<string, TableLines>();
  let current = tableOf(tables, '');
  let quote: string | null = null;
  for (const [index, line] of text.split(/\r\n|\n/).entries()) {
    const inside = quote !== null;
    quote = quoteAfter(line, quote);
    if (inside) continue;
    const header = headerIn(line);
    if (header === null) remember(current, keyIn(line), index + 1);
    else {
      current = tableOf(tables, header);
      current.line ??= index + 1;
    }
  }
  return {
    lineOf(table, key) {
      const found = tables.get(table.join('.'));
      return (key === null ? found?.line : found?.keys.get(key)) ?? null;
    },
  };
}

function tableOf(tables: Map<string, TableLines>, name: string): TableLines {
  const known = tables.get(name) ?? { line: null, keys: new Map<string, number>() };
  tables.set(name, known);
  return known;
}

function remember({ keys }: TableLines, key: string, line: number): void {
  if (!keys.has(key)) keys.set(key, line);
}

/** `[ tool . poetry ]` as `tool.poetry`. */
function headerIn(line: string): string | null {
  const text = line.trim();
  const end = text.indexOf(']');
  return text.startsWith('[') && end > 0 ? plainKey(text.slice(0, end).replaceAll('[', '')) : null;
}

function keyIn(line: string): string {
  return plainKey(line.slice(0, Math.max(0, line.indexOf('='))));
}

function plainKey(key: string): string {
  return key.replaceAll(/["'\s]/g, '');
}

/** The marks of a text of several lines in which the next line begins, if it does. */
function quoteAfter(line: string, before: string | null): string | null {
  let quote = before;
  for (const [mark] of line.matchAll(/"""|'''/g)) quote = quote === null ? mark : quote === mark ? null : quote;
  return quote;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/^Invalid TOML document:\s*/, '');
}
