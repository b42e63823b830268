import { checkSyntax } from '../conditions/parser.ts';
import type { MessageLog, Path } from '../document/messages.ts';
import { isGiven, isMissing, map, none, show, type MapValue, type SeqValue, type Value } from '../document/value.ts';
import { isPrivate, keySchema } from '../schema/known.ts';
import type { MapSchema, Schema, SeqSchema } from '../schema/types.ts';
import { isKind } from './matches.ts';
import type { Context } from './validate.ts';

/** Says that a value is of another kind than its key wants. */
export function checkKind(schema: Schema, value: Value, at: Path, log: MessageLog): void {
  if (!isGiven(value) || isKind(schema, value)) return;
  log.error(at, `dropping unexpected ${value.kind}, expected ${schema.type} (${show(value)})`, value.place);
}

/** Says which keys the text gives more than once, everywhere in a value; the last one counts. */
export function checkDuplicates(value: Value, at: Path, log: MessageLog): void {
  if (value.kind === 'seq') value.items.forEach((item, index) => checkDuplicates(item, [...at, index], log));
  if (value.kind !== 'map' && value.kind !== 'secure') return;
  for (const key of value.duplicates) log.error(at, `duplicate key: ${key}`, value.entries.get(key)?.place ?? value.place);
  for (const [key, child] of value.entries) checkDuplicates(child, [...at, key], log);
}

/** A mapping without the keys that are not known, and says which they are; those that hold a YAML anchor may stay. */
export function withoutUnknown(schema: MapSchema, value: MapValue, at: Path, context: Context): MapValue {
  if (!schema.strict) return value;
  const entries = new Map(value.entries);
  for (const [key, child] of value.entries) {
    if (isPrivate(key) || keySchema(schema, key) || key === 'merge_mode' || !isGiven(child)) continue;
    if (context.anchored.has(key)) {
      context.log.warning(at, `deprecated key: "${key}" (anchor on a non-private key)`, child.place);
    } else {
      context.log.warning(at, `unknown key "${key}" (${show(child)})`, child.place);
      entries.delete(key);
    }
  }
  return map(entries, value.place);
}

/** Whether all required keys are there; says which are not. */
export function hasRequired(schema: MapSchema, value: MapValue, at: Path, log: MessageLog): boolean {
  const missing = (schema.required ?? []).filter((key) => isMissing(value.entries.get(key) ?? none(null)));
  for (const key of missing) log.error(at, `missing required key: ${key}`, value.place);
  return missing.length === 0;
}

/** Says which keys should not be used any more. */
export function checkDeprecated(schema: MapSchema, value: MapValue, at: Path, log: MessageLog): void {
  for (const [key, child] of value.entries) {
    const why = keySchema(schema, key)?.deprecated;
    if (why !== undefined) log.warning(at, `deprecated key: "${key}" (${why})`, child.place);
  }
}

/** Whether an `if`, where one may be, is a condition; says so if not. */
export function hasValidCondition(schema: MapSchema, value: MapValue, at: Path, log: MessageLog): boolean {
  const condition = 'if' in schema.keys ? value.entries.get('if') : undefined;
  const fault = condition?.kind === 'str' ? checkSyntax(condition.str) : null;
  if (condition?.kind !== 'str' || fault === null) return true;
  log.error([...at, 'if'], `invalid condition: ${condition.str} (${fault})`, condition.place);
  return false;
}

/** Says which values should differ between the items of a list, and do not. */
export function checkUnique(schema: SeqSchema, value: SeqValue, at: Path, log: MessageLog): void {
  if (schema.item.type !== 'map') return;
  for (const [key, inner] of Object.entries(schema.item.keys)) {
    if (!inner.unique) continue;
    const texts = value.items.flatMap((item) => (item.kind === 'map' ? [item.entries.get(key)] : [])).flatMap((one) => (one ? [show(one)] : []));
    const seen = new Set<string>();
    const twice = new Set(texts.filter((text) => seen.has(text) || !seen.add(text)));
    if (twice.size > 0) log.info(at, `duplicate values: ${key}: ${[...twice].join(', ')}`, value.place);
  }
}
