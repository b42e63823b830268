import type { MessageLog, Path } from '../document/messages.ts';
import { isGiven, isScalar, map, moved, seq, show, type MapValue, type Value } from '../document/value.ts';
import { keySchema } from '../schema/known.ts';
import type { AnySchema, MapSchema, ScalarSchema, Schema, SeqSchema } from '../schema/types.ts';
import { cast } from './casts.ts';
import { changeCache } from './change-cache.ts';
import { changeChoice } from './change-choice.ts';
import { changeVariables } from './change-variables.ts';
import { enable } from './enable.ts';
import { changeKeys } from './keys.ts';
import { alternatives, isChoice, matches } from './matches.ts';
import { addPrefix } from './prefix.ts';

/**
 * Brings a value into the normal form of its schema: single values become lists, strings mappings, other names the right ones, with a
 * message wherever something was guessed. What cannot be changed stays as it is; `validate` says so later. The order of the steps is that
 * of travis-yml (lib/travis/yml/doc/change.rb).
 */
export function change(schema: Schema, value: Value, at: Path, log: MessageLog): Value {
  if (schema.type === 'any') return changeAny(schema, value, at, log);
  if (schema.type === 'seq') return changeSeq(schema, value, at, log);
  if (schema.type === 'map') return changeMap(schema, value, at, log);
  return schema.type === 'secure' ? pick(schema, value, at, log) : changeScalar(schema, value, at, log);
}

function changeAny(schema: AnySchema, value: Value, at: Path, log: MessageLog): Value {
  for (const option of alternatives(schema, value)) {
    const other = change(option, value, at, log);
    if (option.normal || matches(option, other)) return other;
  }
  return value;
}

function changeScalar(schema: ScalarSchema, value: Value, at: Path, log: MessageLog): Value {
  let other = cast(schema, pick(schema, value, at, log));
  if (schema.downcase && other.kind === 'str' && other.str !== other.str.toLowerCase()) {
    log.info(at, `using lower case of ${other.str}`, other.place);
    other = { ...other, str: other.str.toLowerCase() };
  }
  return isChoice(schema) ? changeChoice(schema, other, at, log) : other;
}

function changeSeq(schema: SeqSchema, value: Value, at: Path, log: MessageLog): Value {
  let other = schema.variables ? changeVariables(value, at, log) : value;
  if (other.kind === 'seq') other = seq(flat(other.items), other.place);
  other = pick(schema, other, at, log);
  const items = other.kind === 'seq' ? other.items : [other];
  return seq(
    items.map((item, index) => change(schema.item, item, other.kind === 'seq' ? [...at, index] : at, log)),
    other.place,
  );
}

/** The items of a list, those of lists in it included. */
export function flat(items: readonly Value[]): Value[] {
  return items.flatMap((item) => (item.kind === 'seq' ? flat(item.items) : [item]));
}

function changeMap(schema: MapSchema, value: Value, at: Path, log: MessageLog): Value {
  const next = (inner: Value): Value => change(schema, inner, at, log);
  let other = value.kind === 'map' && schema.strict ? changeKeys(schema, value, at, log) : value;
  if (schema.change === 'cache') other = changeCache(schema, other, at, log);
  if (schema.change === 'enable') other = enable(schema, other);
  other = addPrefix(schema, other, next);
  other = pick(schema, other, at, log);
  if (other.kind === 'map' && schema.inherit) other = inherit(schema, schema.inherit, other, at, log);
  return other.kind === 'map' ? changeChildren(schema, other, at, log) : other;
}

function changeChildren(schema: MapSchema, value: MapValue, at: Path, log: MessageLog): Value {
  const entries = new Map<string, Value>();
  for (const [key, child] of value.entries) {
    const inner = keySchema(schema, key) ?? (schema.strict ? undefined : schema.others);
    entries.set(key, inner ? change(inner, child, [...at, key], log) : child);
  }
  return map(entries, value.place);
}

/** Where one value is wanted and a list is given: its first item, if that would do. */
function pick(schema: Schema, value: Value, at: Path, log: MessageLog): Value {
  if (value.kind !== 'seq' || !isGiven(value) || matches(schema, value)) return value;
  const [first] = value.items;
  if (first === undefined || !mayPick(schema, first, at, log)) return value;
  log.warning(at, `unexpected sequence, using the first value (${show(first)})`, value.place);
  return moved(first, value.place);
}

function mayPick(schema: Schema, first: Value, at: Path, log: MessageLog): boolean {
  if (schema.type === 'seq') return matches(schema, first);
  const isSingle = schema.type === 'str' || schema.type === 'num' || schema.type === 'bool';
  return matches(schema, change(schema, first, at, log)) || (isSingle && isScalar(first));
}

/** Gives every child those of the keys that it lacks, and takes them away here. */
function inherit(schema: MapSchema, keys: readonly string[], value: MapValue, at: Path, log: MessageLog): Value {
  const shared = new Map([...value.entries].filter(([key]) => keys.includes(key)));
  const give = (child: Value): Value => (child.kind === 'map' ? map(new Map([...shared, ...child.entries]), child.place) : child);
  const entries = new Map<string, Value>();
  for (const [key, given] of value.entries) {
    if (keys.includes(key)) continue;
    const inner = keySchema(schema, key);
    const child = inner && given.kind !== 'map' && given.kind !== 'seq' ? change(inner, given, [...at, key], log) : given;
    entries.set(key, child.kind === 'seq' ? seq(child.items.map(give), child.place) : give(child));
  }
  return map(entries, value.place);
}
