/** What an expression can be. Keys of maps are found whatever their case. */
export type Value = null | boolean | number | string | readonly Value[] | ValueMap;
export type ValueMap = ReadonlyMap<string, Value>;

/** Whether a value is a map. */
export function isMap(value: Value): value is ValueMap {
  return value instanceof Map;
}

/** Whether a value is a list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** As a truth value: false, 0, NaN, the empty text and null are false. */
export function truthOf(value: Value): boolean {
  return !(value === null || value === false || value === 0 || value === '' || Number.isNaN(value));
}

/** As a number: null is 0, true 1, a text what it is in JSON, the empty one 0; lists and maps are NaN. */
export function numberOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  if (text === '') return 0;
  return /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|0x[\da-f]+|0o[0-7]+)$/i.test(text) ? Number(text) : Number.NaN;
}

/** As a text. Numbers have 15 digits at most. */
export function textOfValue(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(Number(value.toPrecision(15)) + 0) : String(value);
  if (typeof value === 'string') return value;
  return isList(value) ? 'Array' : 'Object';
}

/** The loose comparison: texts in any case of letters; different kinds as numbers; lists and maps are equal to themselves only. */
export function areEqual(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return fold(left) === fold(right);
  if (left === null && right === null) return true;
  if (typeof left === 'object' && typeof right === 'object' && left !== null && right !== null) return left === right;
  return numberOf(left) === numberOf(right);
}

/** `<`: two texts by their letters in capitals, all else as numbers. */
export function isLess(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return fold(left) < fold(right);
  return numberOf(left) < numberOf(right);
}

/** A text for comparisons that do not tell cases of letters apart. */
export function fold(text: string): string {
  return text.toUpperCase();
}

/** What a map has under a name; undefined: nothing. */
export function entryOf(map: ValueMap, name: string): Value | undefined {
  const exact = map.get(name);
  if (exact !== undefined) return exact;
  const wanted = fold(name);
  return [...map].find(([key]) => fold(key) === wanted)?.[1];
}

/** A JSON value as a value. */
export function fromJson(json: unknown): Value {
  if (json === null || typeof json === 'boolean' || typeof json === 'number' || typeof json === 'string') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object') return new Map(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
  return null;
}

/** A value as JSON, two blanks a level, as `toJSON` prints it. */
export function toJson(value: Value): string {
  return JSON.stringify(value, (_key, inner: Value) => (inner instanceof Map ? Object.fromEntries(inner) : inner), 2);
}
