import { isGiven, isScalar, str, type Value } from '../document/value.ts';
import type { ScalarSchema } from '../schema/types.ts';
import { closest } from './guess.ts';

const TRUE = ['true', 'on', 'yes', 'enabled', 'required'];
const FALSE = ['false', 'off', 'no', 'disabled', 'not required'];

/**
 * A single value as the kind its key wants: a number as text, `required` as true, `"50"` as 50. What cannot be turned stays as it is.
 * Source: travis-yml, lib/travis/yml/doc/helper/cast.rb.
 */
export function cast(schema: ScalarSchema, value: Value): Value {
  if (!isScalar(value) || !isGiven(value) || value.kind === schema.type) return value;
  if (schema.type === 'str') return toText(value);
  return schema.type === 'num' ? toNumber(value) : toFlag(value);
}

function toText(value: Value): Value {
  if (value.kind === 'num') return str(String(value.num), value.place);
  return value.kind === 'bool' ? str(String(value.bool), value.place) : value;
}

function toNumber(value: Value): Value {
  if (value.kind !== 'str' || !/^[\d.]+\n?$/.test(value.str)) return value;
  const text = /^\d*(?:\.\d+)?/.exec(value.str)?.[0] ?? '';
  return { kind: 'num', num: Number(text === '' ? 0 : text), place: value.place };
}

/** The value as a boolean, where it can be read as one. */
export function toFlag(value: Value): Value {
  if (value.kind !== 'str') return value;
  const bool = truth(value.str);
  return bool === null ? value : { kind: 'bool', bool, place: value.place };
}

function truth(text: string): boolean | null {
  const plain = word(text) ?? word(text.replaceAll(/\W/g, ''));
  if (plain !== null) return plain;
  const guess = closest([...TRUE, ...FALSE], text);
  return guess === null ? null : word(guess);
}

function word(text: string): boolean | null {
  const lines = text.split('\n');
  if (lines.some((line) => FALSE.includes(line))) return false;
  return lines.some((line) => TRUE.includes(line)) ? true : null;
}
