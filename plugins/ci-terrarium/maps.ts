import { type Field, mismatch, type ValueOf } from './fields.ts';
import { below } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a section gives: each key that is there and fits. */
export type SectionValue<F extends Fields> = { readonly [Key in keyof F]?: ValueOf<F[Key]> };

/**
 * A map with known keys. An unknown one is an error that names the key probably meant; `others` are keys of other formats and what they
 * are called here. Keys that begin with `x-` are left alone: a place for anchors.
 */
export function section<F extends Fields>(fields: F, others: Readonly<Record<string, string>> = {}): Field<SectionValue<F>> {
  const known = Object.keys(fields);
  const properties = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.schema]));
  return {
    schema: { type: 'object', properties, patternProperties: { '^x-': {} }, additionalProperties: false },
    read(tree, path, report) {
      if (tree.kind !== 'map') return mismatch(tree, path, report, `a map with keys like ${known.slice(0, 3).join(', ')}`);
      const values = new Map<string, unknown>();
      for (const { key, keyAt, value } of tree.entries) {
        const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (field !== undefined) values.set(key, field.read(value, below(path, key), report));
        else if (!key.startsWith('x-')) report.error(below(path, key), keyAt, unknownKey(key, known, others));
      }
      // Each value comes from the field of its key; an object made of entries cannot say so.
      return Object.fromEntries([...values].filter(([, value]) => value !== undefined)) as SectionValue<F>;
    },
  };
}

function unknownKey(key: string, known: readonly string[], others: Readonly<Record<string, string>>): string {
  const hint = Object.hasOwn(others, key) ? ` ${others[key]}` : didYouMean(key, known);
  return `"${key}" is not known here.${hint === '' ? ` Known are: ${known.join(', ')}.` : hint}`;
}

/** A map from names to values of one kind. `name` says whether a key will do, or what is wrong with it. */
export function mapOf<T>(field: Field<T>, pattern: RegExp, complaint: string): Field<ReadonlyMap<string, T>> {
  return {
    schema: { type: 'object', patternProperties: { [pattern.source]: field.schema }, additionalProperties: false },
    read(tree, path, report) {
      if (tree.kind !== 'map') return mismatch(tree, path, report, 'a map of names and values, as {DB: sqlite}');
      const values = new Map<string, T>();
      for (const { key, keyAt, value } of tree.entries) {
        const read = field.read(value, below(path, key), report);
        if (!pattern.test(key)) report.error(below(path, key), keyAt, `"${key}" ${complaint}`);
        else if (read !== undefined) values.set(key, read);
      }
      return values;
    },
  };
}
