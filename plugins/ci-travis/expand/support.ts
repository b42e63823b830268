import type { Json, JsonObject } from '../document/value.ts';
import { keySchema } from '../schema/known.ts';
import { root } from '../schema/root.ts';
import { isSupported, type Setting } from '../schema/supported.ts';
import { supportOf, type Schema, type Support } from '../schema/types.ts';
import { wrap } from './json.ts';

const SETTING_AXES = ['language', 'os', 'arch'];
const supports = new Map<string, Support>();

/** Whether a key means something with the language, system and architecture of a configuration. */
export function isKeySupported(config: JsonObject, key: string): boolean {
  return isSupported(supportOfKey(key), settingOf(config));
}

/** Whether a key and its value mean something there: `dist: focal` does not on macOS. */
export function isEntrySupported(config: JsonObject, key: string, value: Json): boolean {
  if (value === null || value === false) return true;
  if (!isKeySupported(config, key)) return false;
  const schema = single(keySchema(root, key));
  const known = schema && 'values' in schema ? schema.values?.find((one) => one.value === value) : undefined;
  return known === undefined || isSupported(known, settingOf(config));
}

function supportOfKey(key: string): Support {
  const known = supports.get(key);
  if (known) return known;
  const schema = keySchema(root, key);
  const support = schema ? supportOf(schema) : {};
  supports.set(key, support);
  return support;
}

function single(schema: Schema | undefined): Schema | undefined {
  if (schema?.type !== 'any') return schema;
  return schema.options.find((option) => option.type === 'str' || option.type === 'num' || option.type === 'bool');
}

function settingOf(config: JsonObject): Setting {
  return Object.fromEntries(
    SETTING_AXES.flatMap((axis): [string, string[]][] => {
      const value = config[axis];
      return value === undefined || value === null ? [] : [[axis, wrap(value).map(String)]];
    }),
  );
}
