import type { MessageLog, Path } from '../document/messages.ts';
import { map, none, type MapValue, type Value } from '../document/value.ts';
import { aliasTable, allKeys, isPrivate, keySchema, knownNames } from '../schema/known.ts';
import type { MapSchema, Schema } from '../schema/types.ts';
import { guessWord } from './guess.ts';
import { MISSPELLINGS } from './misspellings.ts';

const LEFTOVERS = /^\W*(?:configured|result|fetching_failed|parsing_failed)\W*$/;

/**
 * The keys of a mapping as the schema spells them: other names replaced, misspellings corrected, each with a message; keys with a default
 * and required ones put in where they miss. Source: travis-yml, lib/travis/yml/doc/change/keys.rb and key.rb.
 */
export function changeKeys(schema: MapSchema, value: MapValue, at: Path, log: MessageLog): MapValue {
  const entries = withMissing(schema, value);
  for (const key of value.entries.keys()) {
    if (LEFTOVERS.test(key)) entries.delete(key);
  }
  for (const key of value.entries.keys()) {
    const child = entries.get(key);
    if (child === undefined || keySchema(schema, key) || isPrivate(key)) continue;
    const name = new KeyFixer(schema, entries, child, at, log).fix(key);
    entries.delete(key);
    entries.set(name, child);
  }
  return map(entries, value.place);
}

function withMissing(schema: MapSchema, value: MapValue): Map<string, Value> {
  const wanted = [...(schema.required ?? []), ...Object.keys(schema.keys).filter((key) => hasDefault(schema.keys[key]))];
  const entries = new Map<string, Value>(wanted.map((key) => [key, value.entries.get(key) ?? none(null)]));
  for (const [key, child] of value.entries) entries.set(key, child);
  return entries;
}

function hasDefault(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  if (schema.type === 'any') return schema.options.some(hasDefault);
  if (schema.type === 'seq') return hasDefault(schema.item);
  return 'defaults' in schema && schema.defaults !== undefined && schema.defaults.length > 0;
}

class KeyFixer {
  readonly #schema: MapSchema;
  readonly #siblings: ReadonlyMap<string, Value>;
  readonly #child: Value;
  readonly #at: Path;
  readonly #log: MessageLog;

  constructor(schema: MapSchema, siblings: ReadonlyMap<string, Value>, child: Value, at: Path, log: MessageLog) {
    this.#schema = schema;
    this.#siblings = siblings;
    this.#child = child;
    this.#at = at;
    this.#log = log;
  }

  fix(given: string): string {
    let key = this.#dealias(given);
    const steps = [(one: string) => this.#strip(one), (one: string) => this.#underscore(one), (one: string) => this.#clean(one)];
    for (const step of [...steps, (one: string) => this.#guess(one)]) {
      if (this.#isKnown(key)) return key;
      key = this.#dealias(step(key));
    }
    return key;
  }

  #isKnown(key: string): boolean {
    return keySchema(this.#schema, key) !== undefined;
  }

  #aliased(key: string): string | undefined {
    const table = aliasTable(this.#schema);
    return table.get(key) ?? table.get(key.replaceAll('-', '_'));
  }

  #dealias(key: string): string {
    const other = this.#isKnown(key) ? undefined : this.#aliased(key);
    if (other === undefined) return key;
    this.#log.info(this.#at, `the key ${key} is an alias for ${other}, using ${other}`, this.#child.place);
    if (this.#siblings.has(other)) this.#log.error(this.#at, `both ${key} and ${other} given. ${key} overwrites ${other}`, this.#child.place);
    return other;
  }

  #strip(key: string): string {
    const other = key.trim();
    if (!this.#isKnown(other)) return key;
    if (other !== key) this.#log.warning(this.#at, `key ${key} contains whitespace, using ${other}`, this.#child.place);
    return other;
  }

  #underscore(key: string): string {
    const other = key
      .replaceAll(/(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
      .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase();
    if (!this.#isKnown(other)) return key;
    if (other !== key) this.#log.info(this.#at, `key ${key} is not underscored, using ${other}`, this.#child.place);
    return other;
  }

  #clean(key: string): string {
    const plain = key
      .replaceAll(/[- ]/g, '_')
      .replaceAll(/[^\w.]/g, '')
      .replace(/^__+/, '');
    const other = withoutUnderscores(plain).replaceAll('__', '_');
    if (!this.#isKnown(other)) return key;
    if (other !== key) this.#log.warning(this.#at, `key ${key} contains unsupported characters, using ${other}`, this.#child.place);
    return other;
  }

  #guess(key: string): string {
    const common = allKeys().has(key) ? undefined : MISSPELLINGS.get(key);
    const other = common !== undefined && this.#isKnown(common) ? common : guessWord(knownNames(this.#schema), key);
    if (other === null || other === key) return key;
    this.#log.warning(this.#at, `key ${key} is not known, but ${other} is, using ${other}`, this.#child.place);
    return other;
  }
}

/** Without those at its end: a pattern for them would begin anew at each. */
function withoutUnderscores(text: string): string {
  let end = text.length;
  while (text[end - 1] === '_') end -= 1;
  return text.slice(0, end);
}
