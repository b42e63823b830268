import { isGiven, isMissing, map, type Value } from '../document/value.ts';
import type { MapSchema } from '../schema/types.ts';
import { toFlag } from './casts.ts';

/**
 * A boolean for something that can be switched as `enabled`, and `disabled: true` as `enabled: false`. Source: travis-yml,
 * lib/travis/yml/doc/change/enable.rb.
 */
export function enable(schema: MapSchema, value: Value): Value {
  const other = isSwitch(schema, value) ? map(new Map([['enabled', toFlag(value)]]), value.place) : value;
  if (other.kind !== 'map' || !other.entries.has('disabled')) return other;
  const entries = new Map(other.entries);
  const state = enabled(other.entries);
  entries.delete('disabled');
  if (state) entries.set('enabled', state);
  for (const [key, child] of entries) {
    if (isMissing(child) || (child.kind !== 'bool' && child.kind !== 'num' && !isGiven(child))) entries.delete(key);
  }
  return map(entries, other.place);
}

function isSwitch(schema: MapSchema, value: Value): boolean {
  if (!('enabled' in schema.keys)) return false;
  return value.kind === 'bool' || (value.kind === 'str' && (value.str === 'yes' || value.str === 'no'));
}

function enabled(entries: ReadonlyMap<string, Value>): Value | null {
  const given = entries.get('enabled');
  if (given) return toFlag(given);
  const disabled = entries.get('disabled');
  if (!disabled) return null;
  const flag = toFlag(disabled);
  return { kind: 'bool', bool: flag.kind === 'bool' ? !flag.bool : flag.kind === 'none', place: disabled.place };
}
