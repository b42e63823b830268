import { expect, test } from 'vitest';
import { namePattern } from './pattern.ts';

test.each([
  [null, 'anything', true],
  ['311', '3.11 · A=1', false],
  ['3.11', '3.11 · A=1', true],
  ['a=1', '3.11 · A=1', true],
  ['3.1', '3x1', false],
  ['', 'anything', true],
  ['3.11*', '3.11 · A=1', true],
  ['3.11*', 'lint 3.11', false],
  ['*3.11', 'lint 3.11', true],
  ['*lint*', 'a LINT b', true],
  ['3*A=*', '3.11 · A=1', true],
  ['*', '', true],
  ['(a|b)*', 'a', false],
  ['(a|b)*', '(a|b) and more', true],
  ['a*b', 'a\nb', true],
] as const)('%j and %j: %s', (pattern, name, fits) => {
  expect(namePattern(pattern)(name)).toBe(fits);
});
