import { isGiven, map, type Value } from '../document/value.ts';
import { knownNames } from '../schema/known.ts';
import type { MapSchema } from '../schema/types.ts';
import { matches } from './matches.ts';

/**
 * Puts a value that is no mapping of known keys under the schema's main key: `env: [A=1]` is `env: {jobs: [A=1]}`. `change` normalizes the
 * result, so that it can be seen whether it fits; if not, the value stays. Source: travis-yml, lib/travis/yml/doc/change/prefix.rb.
 */
export function addPrefix(schema: MapSchema, value: Value, change: (value: Value) => Value): Value {
  const { prefix } = schema;
  if (!prefix || !isGiven(value)) return value;
  if (value.kind === 'map' && value.entries.has(prefix.key)) return value;
  if (prefix.text && value.kind !== 'str') return value;
  if (value.kind === 'map' && [...value.entries.keys()].every((key) => knownNames(schema).includes(key))) return value;
  const under = underMainKey(schema, prefix.key, value);
  const other = matches(schema, under) ? under : change(under);
  return matches(schema, other) ? other : value;
}

function underMainKey(schema: MapSchema, main: string, value: Value): Value {
  if (value.kind !== 'map') return map(new Map([[main, value]]), value.place);
  const isOwn = (key: string): boolean => Object.hasOwn(schema.keys, key);
  const rest = new Map([...value.entries].filter(([key]) => !isOwn(key)));
  const own = [...value.entries].filter(([key]) => isOwn(key));
  return map(new Map<string, Value>([[main, map(rest, value.place)], ...own]), value.place);
}
