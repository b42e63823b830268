import { createContext, Script } from 'node:vm';

/** A repository's pattern that runs for longer than this is malicious, or as bad. Milliseconds. */
const MAX_TIME = 250;

/** Only code in a context of its own can be stopped in the middle of a pattern. */
const INPUT = createContext({});
const TEST = new Script('expression.test(text)');

/** Whether a text holds a match of a pattern that a repository gave. Throws if that is not known after a quarter of a second, or the engine gives up. */
export function testInTime(expression: RegExp, text: string): boolean {
  Object.assign(INPUT, { expression, text });
  const found: unknown = TEST.runInContext(INPUT, { timeout: MAX_TIME });
  return found === true;
}
