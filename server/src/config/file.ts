import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Range } from 'yaml';
import type { ConfigProblem } from './problems.ts';
import { ConfigFile } from './schema.ts';
import { sentence } from './sentences.ts';

/** The file's name where nobody gives another. */
export const CONFIG_FILE_NAME = 'terrarium.config.yml';

/** A way of saying where something stands: `terrarium.config.yml:3:5 pools[0].jobs`. */
export type Locate = (path: readonly PropertyKey[]) => string;

/** A configuration file that was read; `path` null stands for none at all. */
export interface ReadFile {
  readonly path: string | null;
  /** What paths in it are relative to. */
  readonly folder: string;
  readonly content: ConfigFile;
  readonly locate: Locate;
}

/**
 * Which file to read: the one named (by the caller, else by TERRARIUM_CONFIG; `named` is absolute), else the one in the data folder or the
 * working folder. Null where none is there, or where the choice is a problem.
 */
export function findFile(named: string | null, folders: readonly string[], problems: ConfigProblem[]): string | null {
  if (named !== null) return named;
  const there = [...new Set(folders)].map((folder) => join(folder, CONFIG_FILE_NAME)).filter((path) => existsSync(path));
  const [first, second] = there;
  if (first !== undefined && second !== undefined) {
    problems.push({ where: first, text: `there is also ${second}. Say by TERRARIUM_CONFIG which one counts.` });
  }
  return first ?? null;
}

/** Reads and checks the file. Everything that is wrong is added to `problems`; then null is given. */
export function readFile(path: string | null, cwd: string, problems: ConfigProblem[]): ReadFile | null {
  if (path === null) return { path, folder: cwd, content: ConfigFile.parse({}), locate: (at) => `built-in ${pathText(at)}` };
  const text = readText(path, problems);
  return text === null ? null : parseFile(path, text, problems);
}

function readText(path: string, problems: ConfigProblem[]): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    problems.push({ where: path, text: `cannot be read: ${error instanceof Error ? error.message : String(error)}.` });
    return null;
  }
}

function parseFile(path: string, text: string, problems: ConfigProblem[]): ReadFile | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) problems.push({ where: place(path, lines, error.pos[0]), text: `is no valid YAML: ${error.message}.` });
  if (document.errors.length > 0) return null;
  const locate: Locate = (at) => [place(path, lines, offsetOf(document, at)), pathText(at)].filter((part) => part !== '').join(' ');
  const result = ConfigFile.safeParse(document.toJS() ?? {}, { error: sentence });
  if (result.success) return { path, folder: dirname(path), content: result.data, locate };
  for (const issue of result.error.issues) problems.push({ where: locate(whereIs(issue)), text: issue.message });
  return null;
}

/** An unknown key is an issue of the map it stands in; the reader wants to see the key. */
function whereIs(issue: { readonly code?: string; readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] }): PropertyKey[] {
  const key = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined;
  return key === undefined ? [...issue.path] : [...issue.path, key];
}

/** Where the nearest thing on the way to `path` begins that is really there: a map's key, a list's entry. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const range = rangeOf(document, path.slice(0, length - 1), path[length - 1]);
    if (range) return range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function rangeOf(document: Document, path: readonly PropertyKey[], last: PropertyKey | undefined): Range | null | undefined {
  const parent: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(parent)) return isSeq(parent) && typeof last === 'number' && isNode(parent.items[last]) ? parent.items[last].range : null;
  const key = parent.items.map((pair) => pair.key).find((one) => isScalar(one) && one.value === last);
  return isScalar(key) ? key.range : null;
}

function place(path: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${path}:${Math.max(1, line)}:${Math.max(1, col)}`;
}

/** `["pools", 0, "jobs"]` as `pools[0].jobs`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
}
