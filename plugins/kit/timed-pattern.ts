import { createContext, Script } from 'node:vm';

/** A repository's pattern that runs for longer than this is malicious, or as bad. Milliseconds. */
const MAX_TIME = 250;

/** All patterns of one description together, milliseconds: a file may have thousands of them. */
const MAX_TOGETHER = 2000;
let together = 0;

/** Only code in a context of its own can be stopped in the middle of a pattern. */
const INPUT = createContext({});
const TEST = new Script('expression.test(text)');

/**
 * Whether a text holds a match of a pattern that a repository gave. Throws if that is not known after a quarter of a second, or the engine gives up; and where all that were tested
 * without a pause took two seconds, at once.
 */
export function testInTime(expression: RegExp, text: string): boolean {
  if (together > MAX_TOGETHER) throw new Error('The patterns before this one took too long.');
  // Whoever reads a description does it at one go: what comes later is another one.
  if (together === 0) setImmediate(() => (together = 0));
  const began = performance.now();
  try {
    Object.assign(INPUT, { expression, text });
    const found: unknown = TEST.runInContext(INPUT, { timeout: MAX_TIME });
    return found === true;
  } finally {
    together += performance.now() - began;
  }
}
