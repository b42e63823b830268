import { expect, test } from 'vitest';
import { differs, type ReadFiles } from './review.ts';

function reading(text: string): ReadFiles {
  return { texts: new Map([['setup.py', text]]), problems: new Map() };
}

/** That many short lines of which hardly one is in the other's. */
function lines(count: number, modulus: number): ReadFiles {
  return reading(Array.from({ length: count }, (_, index) => `${index % modulus}`).join('\n'));
}

test('a file that differs is shown by its lines', () => {
  expect(differs('setup.py', reading('a\n'), reading('b\n'))).toMatchObject([
    { change: 'changed', patch: expect.stringContaining('-a\n+b\n'), note: null },
  ]);
  expect(differs('setup.py', reading('a\n'), reading('a\n'))).toEqual([]);
});

test('one that differs in more lines than can be compared is not, which is said', () => {
  expect(differs('setup.py', lines(15_000, 7), lines(15_000, 9_973))).toMatchObject([
    { change: 'changed', patch: null, note: expect.stringContaining('more lines than can be compared') },
  ]);
});
