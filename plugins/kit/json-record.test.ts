import { expect, test } from 'vitest';
import { jsonRecord } from './json-record.ts';

test('has its entries, the last of each name, but no prototype of its own', () => {
  const record = jsonRecord([
    ['a', 1],
    ['__proto__', 2],
    ['constructor', 3],
    ['a', 4],
  ]);
  expect(Object.entries(record)).toEqual([
    ['a', 4],
    ['constructor', 3],
  ]);
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
});
