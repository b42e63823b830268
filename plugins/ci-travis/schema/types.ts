/** On which languages, systems, distributions something works: by `language`, `os`, `dist`, `arch`. */
export type Axes = Readonly<Record<string, readonly string[]>>;

/** `only`: works there alone; `except`: works everywhere else. */
export interface Support {
  readonly only?: Axes;
  readonly except?: Axes;
}

/** A value that a key takes. */
export interface KnownValue extends Support {
  readonly value: string | boolean;
  readonly aliases?: readonly string[];
}

/** A value that a key has when nothing is given, where it is supported. */
export interface DefaultValue extends Support {
  readonly value: string;
}

interface Common extends Support {
  /** Among alternatives: the form that the others are turned into. */
  readonly normal?: boolean;
  /** Other names of the key that holds this. */
  readonly aliases?: readonly string[];
  /** Why the key should not be used any more. */
  readonly deprecated?: string;
  /** Two siblings with the same value deserve a message. */
  readonly unique?: boolean;
}

/** A mapping. Strict ones know all their keys; the others take any (`others` says what they hold). */
export interface MapSchema extends Common {
  readonly type: 'map';
  readonly keys: Readonly<Record<string, Schema>>;
  readonly strict: boolean;
  readonly others?: Schema;
  /** What a key that is not listed must look like. */
  readonly format?: RegExp;
  /** A value that is no such mapping belongs under this key; `text`: only if it is a string. */
  readonly prefix?: { readonly key: string; readonly text?: boolean };
  readonly required?: readonly string[];
  /** `cache`: strings and lists become flags and directories; `enable`: a boolean stands for `enabled`. */
  readonly change?: 'cache' | 'enable';
  /** Keys whose values every child gets that has none of its own. */
  readonly inherit?: readonly string[];
}

/** A list; a single value is one of its kind. `variables`: its strings are shell assignments. */
export interface SeqSchema extends Common {
  readonly type: 'seq';
  readonly item: Schema;
  readonly variables?: boolean;
}

/** Alternatives. `detect`: the key whose value picks one. */
export interface AnySchema extends Common {
  readonly type: 'any';
  readonly options: readonly Schema[];
  readonly detect?: string;
}

/** A string, a number or a boolean. */
export interface ScalarSchema extends Common {
  readonly type: 'str' | 'num' | 'bool';
  readonly values?: readonly KnownValue[];
  readonly defaults?: readonly DefaultValue[];
  readonly downcase?: boolean;
  readonly ignoreCase?: boolean;
  readonly format?: RegExp;
  /** The template variables that its text may use. */
  readonly variables?: readonly string[];
  /** Still experimental. */
  readonly edge?: boolean;
}

/** An encrypted string, or a plain one; strict ones earn a warning when plain. */
export interface SecureSchema extends Common {
  readonly type: 'secure';
  readonly strict: boolean;
}

/** What a value may be and how it is brought into its normal form; the vocabulary of travis-yml's schema. */
export type Schema = MapSchema | SeqSchema | AnySchema | ScalarSchema | SecureSchema;

/** Any string. */
export const text: ScalarSchema = { type: 'str' };
/** A number. */
export const number: ScalarSchema = { type: 'num' };
/** A boolean. */
export const flag: ScalarSchema = { type: 'bool' };
/** Something that should be encrypted. */
export const secret: SecureSchema = { type: 'secure', strict: true };
/** Something that may be encrypted. */
export const maybeSecret: SecureSchema = { type: 'secure', strict: false };

/** One of several strings. */
export function oneOf(...values: readonly (string | KnownValue)[]): ScalarSchema {
  return { type: 'str', values: values.map((value) => (typeof value === 'string' ? { value } : value)) };
}

/** Alternatives. */
export function any(...options: readonly Schema[]): AnySchema {
  return { type: 'any', options };
}

/** A list of `item`, or one of them. */
export function listOf(item: Schema, options: { aliases?: readonly string[]; variables?: boolean } = {}): AnySchema {
  const alone = item.type === 'any' ? item.options : [item];
  return any({ type: 'seq', item, normal: true, ...options }, ...alone.map(abnormal));
}

function abnormal(schema: Schema): Schema {
  const { normal: _, ...rest } = schema;
  return rest;
}

/** A mapping that knows all its keys. */
export function strictMap(keys: Readonly<Record<string, Schema>>, options: Partial<MapSchema> = {}): MapSchema {
  return { type: 'map', keys, strict: true, ...options };
}

/** A mapping of any keys to values of one kind. */
export function mapOf(others: Schema): MapSchema {
  return { type: 'map', keys: {}, strict: false, others };
}

/** Such a mapping, or what stands under its main key alone, or (for those that can be enabled) a boolean. */
export function withForms(schema: MapSchema): AnySchema {
  const main = schema.prefix ? schema.keys[schema.prefix.key] : undefined;
  const alone = main === undefined ? [] : main.type === 'any' ? main.options : [main];
  const switches = schema.change === 'enable' ? [flag] : [];
  return { ...any({ ...schema, normal: true }, ...alone.map(abnormal), ...switches), normal: true };
}

/** The other names of the key that holds this. */
export function aliasesOf(schema: Schema): string[] {
  const own = schema.aliases ?? [];
  if (schema.type === 'any') return [...own, ...schema.options.flatMap(aliasesOf)];
  if (schema.type === 'seq') return [...own, ...aliasesOf(schema.item)];
  return [...own];
}

/** Where the key that holds this works. Of mappings Travis looks at the keys in them alone, so that they work everywhere. */
export function supportOf(schema: Schema): Support {
  if (schema.type === 'map') return {};
  if (schema.type === 'any') return mergeSupport(schema, ...schema.options.map(supportOf));
  if (schema.type === 'seq') return mergeSupport(schema, supportOf(schema.item));
  return mergeSupport(schema);
}

function mergeSupport(...all: readonly Support[]): Support {
  const only = mergeAxes(all.map((support) => support.only));
  const except = mergeAxes(all.map((support) => support.except));
  return { ...(only && { only }), ...(except && { except }) };
}

function mergeAxes(all: readonly (Axes | undefined)[]): Axes | undefined {
  const merged: Record<string, string[]> = {};
  for (const axes of all) {
    for (const [axis, values] of Object.entries(axes ?? {})) merged[axis] = [...new Set([...(merged[axis] ?? []), ...values])];
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}
