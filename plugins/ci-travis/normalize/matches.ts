import { isScalar, type Value } from '../document/value.ts';
import { isPrivate, keySchema } from '../schema/known.ts';
import type { MapSchema, Schema, ScalarSchema } from '../schema/types.ts';
import { closest } from './guess.ts';
import { allKeys } from '../schema/known.ts';

/** Whether a value has the form a schema asks for; null has every form but that of a secret. */
export function matches(schema: Schema, value: Value): boolean {
  if (schema.type === 'any') return schema.options.some((option) => matches(option, value));
  if (schema.type === 'secure') return value.kind === 'secure' || value.kind === 'str';
  if (schema.type === 'str' && schema.format && isScalar(value))
    return schema.format.test(value.kind === 'str' ? value.str : '') && isTextOrNone(value);
  if (value.kind === 'none') return true;
  if (schema.type === 'seq') return value.kind === 'seq' && value.items.every((item) => matches(schema.item, item));
  return schema.type === 'map' ? matchesMap(schema, value) : value.kind === schema.type;
}

function isTextOrNone(value: Value): boolean {
  return value.kind === 'str' || value.kind === 'none';
}

function matchesMap(schema: MapSchema, value: Value): boolean {
  if (value.kind !== 'map') return false;
  return [...value.entries].every(([key, child]) => {
    const known = keySchema(schema, key);
    if (known) return matches(known, child);
    return isPrivate(key) || (!schema.strict && (!schema.format || schema.format.test(key)));
  });
}

/** Whether a value is of the kind a schema asks for, whatever is in it. */
export function isKind(schema: Schema, value: Value): boolean {
  if (schema.type === 'secure') return value.kind === 'secure' || value.kind === 'str';
  return value.kind === schema.type;
}

/** Whether a schema takes one of few values. */
export function isChoice(schema: Schema): schema is ScalarSchema & { readonly values: NonNullable<ScalarSchema['values']> } {
  return 'values' in schema && schema.values !== undefined && schema.values.length > 0;
}

/** Whether a value is one of those a schema knows. */
export function isKnownValue(schema: ScalarSchema, value: string | number | boolean): boolean {
  const fold = (one: unknown): unknown => (schema.ignoreCase && typeof one === 'string' ? one.toLowerCase() : one);
  return (schema.values ?? []).some((known) => fold(known.value) === fold(value));
}

/**
 * The alternatives to try: the one that the detecting key names (the deployment provider), else the normal ones, else all. Source:
 * travis-yml, lib/travis/yml/doc/schema/select.rb.
 */
export function alternatives(schema: Schema & { type: 'any' }, value: Value): readonly Schema[] {
  const { detect } = schema;
  const named = detect === undefined ? undefined : schema.options.find((option) => namedBy(option, detect, value));
  if (named) return [named];
  const normal = schema.options.filter((option) => option.normal);
  return normal.length > 0 ? normal : schema.options;
}

function namedBy(schema: Schema, key: string, value: Value): boolean {
  if (schema.type === 'any') return schema.options.some((option) => namedBy(option, key, value));
  if (schema.type !== 'map') return false;
  const choice = keySchema(schema, key);
  const name = detectorText(value, key);
  const only = choice && isChoice(choice) && choice.values.length === 1 ? choice.values[0]?.value : undefined;
  if (name === null || typeof only !== 'string') return false;
  return name === only || (!allKeys().has(name) && closest([only], name) === only);
}

function detectorText(value: Value, key: string): string | null {
  const detector = value.kind === 'map' ? value.entries.get(key) : value;
  if (!detector || !isScalar(detector) || detector.kind !== 'str') return null;
  return detector.str;
}
