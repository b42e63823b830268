import { jsonRecord } from '#plugins/kit/json-record';

/** Where something stands in the file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What JSON can say; the expanded configuration of a job is made of it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/**
 * One value of the description, with its place (for the value of a key: the key's place). Immutable: values are shared between the places
 * that name the same YAML anchor. `secure` is a map whose only key is `secure`: an encrypted string.
 */
export type Value =
  | { readonly kind: 'none'; readonly place: Place | null }
  | { readonly kind: 'bool'; readonly bool: boolean; readonly place: Place | null }
  | { readonly kind: 'num'; readonly num: number; readonly place: Place | null }
  | { readonly kind: 'str'; readonly str: string; readonly place: Place | null }
  | SeqValue
  | MapValue;

/** A list. */
export interface SeqValue {
  readonly kind: 'seq';
  readonly items: readonly Value[];
  readonly place: Place | null;
}

/** A mapping. `duplicates` are keys that its text gives more than once, `anchored` those whose value carries a YAML anchor. */
export interface MapValue {
  readonly kind: 'map' | 'secure';
  readonly entries: ReadonlyMap<string, Value>;
  readonly duplicates: readonly string[];
  readonly place: Place | null;
}

/** The kind of a value, as messages name it. */
export type Kind = Value['kind'];

/** No value. */
export function none(place: Place | null): Value {
  return { kind: 'none', place };
}

/** A string value. */
export function str(text: string, place: Place | null): Value {
  return { kind: 'str', str: text, place };
}

/** A list value. */
export function seq(items: readonly Value[], place: Place | null): SeqValue {
  return { kind: 'seq', items, place };
}

/** A mapping; `secure` if that is its only key. */
export function map(entries: ReadonlyMap<string, Value>, place: Place | null, duplicates: readonly string[] = []): MapValue {
  const kind = entries.size === 1 && entries.has('secure') ? 'secure' : 'map';
  return { kind, entries, duplicates, place };
}

/** The same value at another place. */
export function moved(value: Value, place: Place | null): Value {
  return value.place === place ? value : { ...value, place };
}

/** Whether the value is a single one: not a list, not a mapping. */
export function isScalar(value: Value): boolean {
  return value.kind !== 'seq' && value.kind !== 'map' && value.kind !== 'secure';
}

/** Whether something is there: not null, not an empty string, list or mapping. */
export function isGiven(value: Value): boolean {
  if (value.kind === 'none') return false;
  if (value.kind === 'str') return value.str !== '';
  if (value.kind === 'seq') return value.items.length > 0;
  if (value.kind === 'map') return value.entries.size > 0;
  return value.kind !== 'secure' || value.entries.get('secure')?.kind === 'str';
}

/** Whether the value counts as not there at all: null or an empty mapping. Empty lists and strings are there. */
export function isMissing(value: Value): boolean {
  return value.kind === 'none' || (value.kind === 'map' && value.entries.size === 0);
}

/** The value as JSON. */
export function toJson(value: Value): Json {
  if (value.kind === 'none') return null;
  if (value.kind === 'bool') return value.bool;
  if (value.kind === 'num') return value.num;
  if (value.kind === 'str') return value.str;
  if (value.kind === 'seq') return value.items.map(toJson);
  return jsonRecord([...value.entries].map(([key, child]) => [key, toJson(child)]));
}

/** The value in a message. */
export function show(value: Value): string {
  if (value.kind === 'str') return value.str;
  if (value.kind === 'seq') return `[${value.items.map(shown).join(', ')}]`;
  if (value.kind !== 'map' && value.kind !== 'secure') return JSON.stringify(toJson(value));
  return `{${[...value.entries].map(([key, child]) => `${key}: ${shown(child)}`).join(', ')}}`;
}

function shown(value: Value): string {
  return value.kind === 'str' ? JSON.stringify(value.str) : show(value);
}
