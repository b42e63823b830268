import type { Place } from './yaml/tree.ts';
import { parse, TomlError, type TomlTable, type TomlValue } from 'smol-toml';

export type { TomlTable, TomlValue } from 'smol-toml';

/** A TOML text as a table, or what is wrong with it. */
export type TomlResult = { readonly table: TomlTable } | { readonly problem: string; readonly at: Place | null };

const MAXIMUM_LENGTH = 1_000_000;

/** Reads a TOML text; never throws. */
export function readToml(text: string): TomlResult {
  if (text.length > MAXIMUM_LENGTH)
    return { problem: `This is too large: ${text.length} characters, where ${MAXIMUM_LENGTH} are allowed.`, at: null };
  try {
    return { table: parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    if (!(error instanceof TomlError)) return { problem: 'This is no valid TOML: it is nested too deeply.', at: { line: 1, column: 1 } };
    const [first = ''] = error.message.replace(/^Invalid TOML document:\s*/, '').split('\n');
    return { problem: `This is no valid TOML: ${first.trim().replace(/\.$/, '')}.`, at: { line: error.line, column: error.column } };
  }
}

/** The value at the end of a way of keys; undefined where there is none. */
export function valueAt(table: TomlTable, ...keys: readonly string[]): TomlValue | undefined {
  let value: TomlValue | undefined = table;
  for (const key of keys) value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** Whether a value has keys of its own. */
export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

/** The line on which a key is first set below one of the headers, `[tool.tox]`; a guess where it is written otherwise, null where it is not found. */
export function lineOf(text: string, header: string | null, key: string): number | null {
  let isBelow = header === null;
  for (const [index, line] of text.split('\n').entries()) {
    const opened = /^\s*\[+([^\][]*)\]/.exec(line)?.[1]?.trim();
    if (opened !== undefined) isBelow = opened === header;
    else if (isBelow && new RegExp(`^\\s*["']?${key}["']?\\s*=`).test(line)) return index + 1;
  }
  return null;
}
