import { z } from 'zod';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  null: 'nothing',
  undefined: 'nothing',
};

/** An object whose unknown keys are errors that name the key which was probably meant. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined) });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const sentences = keys.map((key) => `"${key}" is not known here.${didYouMean(key, known)}`);
  return `${sentences.join(' ')} Known are: ${known.join(', ')}.`;
}

/** zod's issues as sentences, where a schema does not bring its own. An error map for `safeParse`. */
export function sentence(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return `must be ${kind(issue.expected)}, but is ${found(issue.input)}.`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${measure(issue.origin)}.`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${measure(issue.origin)}.`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'unrecognized_keys') return `${issue.keys.map((key) => `"${key}"`).join(', ')} is not known here.`;
  return undefined;
}

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}

function measure(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

/** What kind of thing was found. Never the thing itself: it may be a secret in the wrong place. */
function found(input: unknown): string {
  if (input === undefined) return 'missing';
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  return kind(typeof input);
}
