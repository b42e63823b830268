import { R_KEYS } from './languages.ts';
import { root } from './root.ts';
import { aliasesOf, type MapSchema, type Schema } from './types.ts';

const aliasTables = new WeakMap<MapSchema, ReadonlyMap<string, string>>();

/** The other names of a mapping's keys, and the keys they stand for. */
export function aliasTable(schema: MapSchema): ReadonlyMap<string, string> {
  const known = aliasTables.get(schema);
  if (known) return known;
  const table = new Map(Object.entries(schema.keys).flatMap(([key, child]) => aliasesOf(child).map((alias): [string, string] => [alias, key])));
  aliasTables.set(schema, table);
  return table;
}

const nameLists = new WeakMap<MapSchema, readonly string[]>();

/** All names a mapping's keys go by, but for those that only R knows. */
export function knownNames(schema: MapSchema): readonly string[] {
  const known = nameLists.get(schema);
  if (known) return known;
  const names = [...Object.keys(schema.keys), ...aliasTable(schema).keys()].filter((key) => !R_KEYS.has(key));
  nameLists.set(schema, names);
  return names;
}

/** Whether a key of a mapping is listed. */
export function keySchema(schema: MapSchema, key: string): Schema | undefined {
  return Object.hasOwn(schema.keys, key) ? schema.keys[key] : undefined;
}

/** Whether a key is free for any use: keys that start with `_` or `.` hold YAML anchors. */
export function isPrivate(key: string): boolean {
  return key.startsWith('_') || key.startsWith('.');
}

let names: ReadonlySet<string> | null = null;

/** Every key that is known anywhere in a description: none of them is a misspelling of another. */
export function allKeys(): ReadonlySet<string> {
  names ??= new Set([...keysBelow(root, new Set())].filter((key) => !R_KEYS.has(key)));
  return names;
}

function keysBelow(schema: Schema, seen: Set<Schema>): Set<string> {
  if (seen.has(schema)) return new Set();
  seen.add(schema);
  if (schema.type === 'seq') return keysBelow(schema.item, seen);
  if (schema.type === 'any') return new Set(schema.options.flatMap((option) => [...keysBelow(option, seen)]));
  if (schema.type !== 'map') return new Set();
  return new Set(Object.entries(schema.keys).flatMap(([key, child]) => [key].concat([...keysBelow(child, seen)])));
}
