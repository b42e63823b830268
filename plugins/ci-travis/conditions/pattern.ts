import { testInTime } from '#plugins/kit/timed-pattern';
import { ConditionError } from './parser.ts';

const TRANSLATED: readonly (readonly [RegExp, string])[] = [
  [/\\A/g, '(?<![\\s\\S])'],
  [/\\z/g, '(?![\\s\\S])'],
  [/\\Z/g, '(?=\\n?(?![\\s\\S]))'],
  [/\\h/g, '[0-9a-fA-F]'],
  [/\[:alpha:\]/g, 'A-Za-z'],
  [/\[:digit:\]/g, '0-9'],
  [/\[:alnum:\]/g, 'A-Za-z0-9'],
  [/\[:space:\]/g, '\\s'],
  [/\[:upper:\]/g, 'A-Z'],
  [/\[:lower:\]/g, 'a-z'],
  [/\[:word:\]/g, '\\w'],
];

/** Options within a pattern: `(?i)` for what follows, `(?i-m:...)` for a group. */
const OPTIONS = /(?<!\\)\(\?([imx]*)(?:-[imx]+)?([:)])/g;

/**
 * Whether a text holds a match of a pattern written for Ruby, as those of `if:` and `branches` are: `^` and `$` stand at every line, `\A` and
 * `\z` at the text's ends; options that stand for a part of it count for all of it. Throws `ConditionError` if the pattern cannot be read or does
 * not come to an end.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const options = new Set([...pattern.matchAll(OPTIONS)].flatMap(([, letters = '']) => letters.split('')));
  const plain = pattern.replaceAll(OPTIONS, (_, __, end) => (end === ':' ? '(?:' : ''));
  const source = TRANSLATED.reduce((result, [from, to]) => result.replaceAll(from, to), plain);
  const expression = compile(source, `m${options.has('i') ? 'i' : ''}${options.has('m') ? 's' : ''}`);
  try {
    return testInTime(expression, text);
  } catch (error) {
    throw new ConditionError(`the pattern /${pattern}/ takes too long`, { cause: error });
  }
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new ConditionError(`the pattern /${source}/ cannot be read`, { cause: error });
  }
}
