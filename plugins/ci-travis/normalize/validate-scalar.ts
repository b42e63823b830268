import type { MessageLog, Path } from '../document/messages.ts';
import { isGiven, isMissing, isScalar, none, show, str, type Value } from '../document/value.ts';
import { isSupported, type Setting } from '../schema/supported.ts';
import type { DefaultValue, ScalarSchema, SecureSchema } from '../schema/types.ts';
import { isChoice, isKind, isKnownValue } from './matches.ts';

/** Checks a single value, drops what cannot be used, and puts the default in. Source: travis-yml, lib/travis/yml/doc/validate/. */
export function validateScalar(schema: ScalarSchema | SecureSchema, value: Value, at: Path, log: MessageLog, setting: Setting): Value {
  const fitting = withKind(schema, value, at, log);
  if (schema.type === 'secure') return validateSecret(schema, fitting, at, log);
  const known = withDefault(schema, withChoice(schema, fitting, at, log), at, log, setting);
  if (schema.edge && isGiven(known)) log.info(at, 'this key is experimental and might change or be removed', known.place);
  return withText(schema, withoutEmptySecret(known, at, log), at, log);
}

function withKind(schema: ScalarSchema | SecureSchema, value: Value, at: Path, log: MessageLog): Value {
  if (!isGiven(value)) return value;
  if (schema.type === 'secure' && schema.strict && value.kind === 'secure') {
    if (!isEncoded(value)) log.warning([...at, 'secure'], `invalid value on secure string: ${show(value)}`, value.place);
    return value;
  }
  if (isKind(schema, value)) return value;
  log.error(at, `dropping unexpected ${value.kind}, expected ${schema.type} (${show(value)})`, value.place);
  return schema.type !== 'secure' && isScalar(value) ? value : none(value.place);
}

function isEncoded(value: Value): boolean {
  const inner = value.kind === 'secure' ? value.entries.get('secure') : undefined;
  if (inner?.kind !== 'str') return false;
  const text = inner.str.replaceAll(/\s/g, '');
  return Buffer.from(text, 'base64').toString('base64') === text;
}

function validateSecret(schema: SecureSchema, value: Value, at: Path, log: MessageLog): Value {
  if (schema.strict && value.kind === 'str' && !isVariable(value.str)) log.warning(at, 'expected an encrypted string', value.place);
  return withoutEmptySecret(value, at, log);
}

function withoutEmptySecret(value: Value, at: Path, log: MessageLog): Value {
  if (value.kind !== 'secure' || isGiven(value)) return value;
  log.warning(at, `dropping empty key: ${at.join('.')}`, value.place);
  return none(value.place);
}

function isVariable(text: string): boolean {
  return text.startsWith('$') && !text.includes(':$');
}

function withChoice(schema: ScalarSchema, value: Value, at: Path, log: MessageLog): Value {
  if (!isChoice(schema) || !isGiven(value)) return value;
  const plain = plainValue(value);
  if (plain === null || isKnownValue(schema, plain)) return value;
  log.error(at, `dropping unknown value: ${plain}`, value.place);
  return none(value.place);
}

function plainValue(value: Value): string | boolean | number | null {
  if (value.kind === 'str') return value.str;
  if (value.kind === 'bool') return value.bool;
  return value.kind === 'num' ? value.num : null;
}

function withDefault(schema: ScalarSchema, value: Value, at: Path, log: MessageLog, setting: Setting): Value {
  if (!schema.defaults || !isMissing(value) || value.kind === 'map') return value;
  const chosen = schema.defaults.find((one) => isSupported(supportOfDefault(schema, one), setting));
  if (!chosen) return value;
  const keys = at.filter((step) => typeof step === 'string');
  const depth = at.findLastIndex((step) => typeof step === 'string');
  log.info(at.slice(0, depth), `missing ${keys.at(-1) ?? ''}, using the default "${chosen.value}"`);
  return str(chosen.value, value.place);
}

/** What the value itself needs counts before what its being a default needs. */
function supportOfDefault(schema: ScalarSchema, chosen: DefaultValue): DefaultValue {
  const known = schema.values?.find((one) => one.value === chosen.value);
  return known?.only || known?.except ? { ...known, value: chosen.value } : chosen;
}

function withText(schema: ScalarSchema, value: Value, at: Path, log: MessageLog): Value {
  if (schema.type !== 'str' || value.kind === 'none') return value;
  const text = show(value);
  for (const [, name = ''] of schema.variables ? text.matchAll(/%\{([^{}]+)\}/g) : []) {
    if (!schema.variables?.includes(name)) log.warning(at, `unknown template variable "${name}"`, value.place);
  }
  if (!schema.format || schema.format.test(text)) return value;
  log.error(at, `dropping invalid format ${text}`, value.place);
  return none(value.place);
}
