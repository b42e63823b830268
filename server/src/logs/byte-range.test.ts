import { expect, test } from 'vitest';
import { parseRange } from './byte-range.ts';

test.each([
  ['bytes=0-0', 10, { start: 0, end: 1 }],
  ['bytes=0-9', 10, { start: 0, end: 10 }],
  ['bytes=3-', 10, { start: 3, end: 10 }],
  ['bytes=3-99', 10, { start: 3, end: 10 }],
  ['bytes=-4', 10, { start: 6, end: 10 }],
  ['bytes=-99', 10, { start: 0, end: 10 }],
  ['  bytes=1-2  ', 10, { start: 1, end: 3 }],
])('%s of %i bytes', (header, size, range) => {
  expect(parseRange(header, size)).toEqual(range);
});

test.each([
  ['bytes=10-', 10],
  ['bytes=11-20', 10],
  ['bytes=0-', 0],
  ['bytes=0-5', 0],
  ['bytes=-0', 10],
  ['bytes=-5', 0],
  [`bytes=${'9'.repeat(30)}-`, 10],
])('%s of %i bytes cannot be satisfied', (header, size) => {
  expect(parseRange(header, size)).toBe('unsatisfiable');
});

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'lines=0-1',
  'bytes=0-1,3-4',
  'bytes=5-2',
  'bytes=a-b',
  'bytes=0x1-2',
  'bytes=-1-2',
  'bytes=1.5-2',
])('%s is ignored', (header) => {
  expect(parseRange(header, 10)).toBeNull();
});
