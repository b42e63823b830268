import type { Description } from '../document/read-yaml.ts';
import type { MessageLog, Path } from '../document/messages.ts';
import { isGiven, isMissing, map, none, seq, toJson, type MapValue, type Value } from '../document/value.ts';
import { keySchema } from '../schema/known.ts';
import type { Setting } from '../schema/supported.ts';
import type { AnySchema, MapSchema, Schema, SeqSchema } from '../schema/types.ts';
import { checkDeprecated, checkKind, checkUnique, hasRequired, hasValidCondition, withoutUnknown } from './checks.ts';
import { alternatives, matches } from './matches.ts';
import { validateScalar } from './validate-scalar.ts';

/** What the whole of a description says that a check of one part needs. */
export interface Context {
  readonly log: MessageLog;
  readonly anchored: Description['anchored'];
}

const SETTING_AXES = ['language', 'os', 'dist'];

/**
 * Puts defaults in and takes out what is empty, unknown or does not fit, with a message for all that was given. Works on what `change` made.
 * Source: travis-yml, lib/travis/yml/doc/validate.rb, with its option `drop`.
 */
export function validate(schema: Schema, value: Value, at: Path, context: Context, setting: Setting = {}): Value {
  if (schema.type === 'any') return validate(fitting(schema, value), value, at, context, setting);
  if (schema.type === 'seq') return validateSeq(schema, value, at, context, setting);
  if (schema.type === 'map') return validateMap(schema, value, at, context, setting);
  return validateScalar(schema, value, at, context.log, setting);
}

function fitting(schema: AnySchema, value: Value): Schema {
  const options = alternatives(schema, value);
  const option = options.find((one) => matches(one, value)) ?? options[0];
  if (!option) throw new TypeError('a schema without alternatives');
  return option;
}

function validateSeq(schema: SeqSchema, value: Value, at: Path, context: Context, setting: Setting): Value {
  if (value.kind !== 'seq') {
    checkKind(schema, value, at, context.log);
    return seq([], value.place);
  }
  const items = value.items
    .map((item, index) => validate(schema.item, item, [...at, index], context, setting))
    .filter((item) => item.kind !== 'none' && (schema.variables || !isMissing(item)));
  const other = seq(items, value.place);
  checkUnique(schema, other, at, context.log);
  return other;
}

function validateMap(schema: MapSchema, value: Value, at: Path, context: Context, setting: Setting): Value {
  const { log } = context;
  const empty = map(new Map(), value.place);
  if (value.kind !== 'map') {
    checkKind(schema, value, at, log);
    if (isGiven(value)) hasRequired(schema, empty, at, log);
    return empty;
  }
  const known = withoutUnknown(schema, validateChildren(schema, value, at, context, setting), at, context);
  const other = schema.strict ? withoutMissing(known) : known;
  if (!hasRequired(schema, other, at, log)) return empty;
  checkDeprecated(schema, other, at, log);
  return hasValidCondition(schema, other, at, log) ? other : empty;
}

function validateChildren(schema: MapSchema, value: MapValue, at: Path, context: Context, setting: Setting): MapValue {
  const entries = new Map(value.entries);
  const axes = axesOf(entries, setting);
  for (const key of value.entries.keys()) {
    const inner = keySchema(schema, key) ?? schema.others;
    if (!inner) continue;
    const child = entries.get(key) ?? none(null);
    entries.set(key, validate(inner, child, [...at, key], context, axes()));
  }
  return map(entries, value.place);
}

/** The setting as the entries have it by now; found anew only where one of its axes has changed. */
function axesOf(entries: ReadonlyMap<string, Value>, setting: Setting): () => Setting {
  let known: Setting | null = null;
  let before: readonly (Value | undefined)[] = [];
  return () => {
    const values = SETTING_AXES.map((axis) => entries.get(axis));
    if (known === null || values.some((value, index) => value !== before[index])) known = settingOf(entries, setting);
    before = values;
    return known;
  };
}

function settingOf(entries: ReadonlyMap<string, Value>, setting: Setting): Setting {
  const own = SETTING_AXES.flatMap((axis): [string, string[]][] => {
    const value = entries.get(axis);
    const values = value ? [toJson(value)].flat().filter((one) => typeof one === 'string' && one !== '') : [];
    return values.length > 0 ? [[axis, values.map(String)]] : [];
  });
  return own.length > 0 ? { ...setting, ...Object.fromEntries(own) } : setting;
}

function withoutMissing(value: MapValue): MapValue {
  return map(new Map([...value.entries].filter(([, child]) => !isMissing(child))), value.place);
}
