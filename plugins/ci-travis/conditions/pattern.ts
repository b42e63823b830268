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

/**
 * Whether a text holds a match of a pattern written for Ruby, which `if:` conditions are: `^` and `$` stand at every line, `\A` and `\z` at
 * the text's ends. Throws `ConditionError` if the pattern cannot be read or does not come to an end.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const flags = /^\(\?([imx]*)\)/.exec(pattern);
  const source = TRANSLATED.reduce((result, [from, to]) => result.replaceAll(from, to), flags ? pattern.slice(flags[0].length) : pattern);
  const expression = compile(source, `m${flags?.[1]?.includes('i') ? 'i' : ''}${flags?.[1]?.includes('m') ? 's' : ''}`);
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
