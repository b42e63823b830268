import type { Later, Reference } from '../expressions/open.ts';

/** How a shell says what is only known while the job runs. */
export interface Dialect {
  /** A text as one word, or one value: what is known is quoted, so that the shell sees no more in it than characters. */
  word(parts: readonly (string | Later)[]): string;
  /** A test: true or false in conditions of that shell. */
  test(later: Later): string;
}

/** What a dialect must know of its shell; the rest follows. */
export interface Phrases {
  quoted(text: string): string;
  reference(reference: Reference): string;
  /** Words, one behind the other. */
  joined(words: readonly string[]): string;
  /** The first word if the test holds, else the second. */
  chosen(test: string, yes: string, no: string): string;
  filled(word: string): string;
  equal(left: string, right: string): string;
  /** `contains`, `startswith` or `endswith` of two words, in any case. */
  has(how: string, text: string, part: string): string;
  not(test: string): string;
  both(left: string, right: string): string;
  either(left: string, right: string): string;
  constant(holds: boolean): string;
}
