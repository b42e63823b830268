import type { Json, JsonObject } from '../document/value.ts';

/** Whether a value is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list: itself, or the only item of one. */
export function wrap(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

/** A text that two values share exactly if they are equal, whatever the order of their keys. */
export function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const parts = Object.keys(value).toSorted();
  return `{${parts.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** The values without repetitions, first ones kept. */
export function unique<Item extends Json>(values: readonly Item[]): Item[] {
  const seen = new Map(values.toReversed().map((value) => [canonical(value), value]));
  return values.filter((value) => seen.delete(canonical(value)));
}

/** The values of one list that are not in another. */
export function without(values: readonly Json[], others: readonly Json[]): Json[] {
  const known = new Set(others.map(canonical));
  return values.filter((value) => !known.has(canonical(value)));
}

/** Whether there is nothing in a value: null, or an empty string, list or object. */
export function isBlank(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Whether there is nothing in a value, however deep one looks. */
export function isHollow(value: Json | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isHollow);
  return isBlank(value);
}

/** The values of a list, and of the lists in it. */
export function flatten(values: readonly Json[]): Json[] {
  return values.flatMap((value) => (Array.isArray(value) ? flatten(value) : [value]));
}
