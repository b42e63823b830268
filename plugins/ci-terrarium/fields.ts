import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';
import { type Place, type Tree, kindOf } from '#plugins/kit/yaml/tree';

/** A JSON schema, or a part of one. */
export type JsonSchema = { readonly [key: string]: JsonSchema | readonly (string | JsonSchema)[] | string | number | boolean };

/** How a value is read, and how an editor is told about it: the one source of both. */
export interface Field<T> {
  readonly schema: JsonSchema;
  /** The value; undefined if it does not fit, which `report` then says. `path` names the place for people. */
  read(tree: Tree, path: string, report: Report): T | undefined;
}

/** What a field gives. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** A value with the place it was read from. */
export interface Placed<T> {
  readonly value: T;
  readonly path: string;
  readonly at: Place;
}

/** The same field with a description for people. */
export function described<T>(description: string, field: Field<T>): Field<T> {
  return { ...field, schema: { description, ...field.schema } };
}

/** A scalar; `parse` turns its text into the value, or gives a sentence that says what is wrong with it. */
export function scalar<T>(schema: JsonSchema, expected: string, parse: (text: string) => { readonly value: T } | string): Field<T> {
  return {
    schema,
    read(tree, path, report) {
      if (tree.kind !== 'text') return mismatch(tree, path, report, expected);
      const result = parse(tree.text);
      if (typeof result !== 'string') return result.value;
      report.error(path, tree.at, result);
      return undefined;
    },
  };
}

/** A text without NUL, which no file of commands and no variable can hold. */
export function text(schema: JsonSchema = { type: 'string' }): Field<string> {
  return scalar(schema, 'a text', (value) => (value.includes('\0') ? 'This must not hold a NUL character.' : { value }));
}

/** True or false, and nothing that somebody might take for it. */
export function flag(): Field<boolean> {
  return scalar({ type: 'boolean' }, 'true or false', (value) => {
    if (value === 'true' || value === 'false') return { value: value === 'true' };
    return `This must be true or false, but is "${value}".`;
  });
}

/** One of some words. `others`: words that are used elsewhere for the same. */
export function choice<Word extends string>(words: readonly Word[], others: Readonly<Record<string, Word>> = {}): Field<Word> {
  return scalar({ enum: words }, `one of ${words.join(', ')}`, (value) => {
    const word = words.find((one) => one === value);
    if (word !== undefined) return { value: word };
    const other = others[value.toLowerCase()];
    const hint = other === undefined ? didYouMean(value, words) : ` Did you mean "${other}"?`;
    return `"${value}" is not known here.${hint} Known are: ${words.join(', ')}.`;
  });
}

/** A value, or a list of such values: always gives a list. A list that holds something unfit gives nothing. */
export function oneOrMany<T>(field: Field<T>): Field<T[]> {
  return {
    schema: { anyOf: [field.schema, { type: 'array', items: field.schema }] },
    read: (tree, path, report) => (tree.kind === 'list' ? items(field, tree.items, path, report) : items(field, [tree], path, report, true)),
  };
}

/** A list of values. */
export function listOf<T>(field: Field<T>): Field<T[]> {
  return {
    schema: { type: 'array', items: field.schema },
    read: (tree, path, report) => (tree.kind === 'list' ? items(field, tree.items, path, report) : mismatch(tree, path, report, 'a list')),
  };
}

function items<T>(field: Field<T>, trees: readonly Tree[], path: string, report: Report, single = false): T[] | undefined {
  const values = trees.map((tree, index) => field.read(tree, single ? path : `${path}[${index}]`, report));
  const fit = values.filter((value) => value !== undefined);
  return fit.length === values.length ? fit : undefined;
}

/** The field's value with its place. */
export function placed<T>(field: Field<T>): Field<Placed<T>> {
  return {
    schema: field.schema,
    read(tree, path, report) {
      const value = field.read(tree, path, report);
      return value === undefined ? undefined : { value, path, at: tree.at };
    },
  };
}

/** Either `one` or `other`, by the kind of thing that is there. */
export function either<T, U>(isOne: (tree: Tree) => boolean, one: Field<T>, other: Field<U>): Field<T | U> {
  return {
    schema: { anyOf: [one.schema, other.schema] },
    read: (tree, path, report) => (isOne(tree) ? one.read(tree, path, report) : other.read(tree, path, report)),
  };
}

/** Says that something else was expected. */
export function mismatch(tree: Tree, path: string, report: Report, expected: string): undefined {
  const hint = tree.kind === 'empty' ? ' Leave the key out if there is nothing to say.' : '';
  report.error(path, tree.at, `This must be ${expected}, but is ${kindOf(tree)}.${hint}`);
  return undefined;
}
