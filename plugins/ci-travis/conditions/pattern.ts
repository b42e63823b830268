import { createContext, Script } from 'node:vm';
import { ConditionError } from './parser.ts';

/** A pattern is the repository's; one that runs for longer than this is malicious, or as bad. Milliseconds. */
const MAX_TIME = 250;

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
    Object.assign(TEST_INPUT, { expression, text });
    const found: unknown = TEST.runInContext(TEST_INPUT, { timeout: MAX_TIME });
    return found === true;
  } catch (error) {
    throw new ConditionError(`the pattern /${pattern}/ takes too long`, { cause: error });
  }
}

/** Only code in a context of its own can be stopped in the middle of a pattern. */
const TEST_INPUT = createContext({});
const TEST = new Script('expression.test(text)');

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new ConditionError(`the pattern /${source}/ cannot be read`, { cause: error });
  }
}
