import { describe, expect, test } from 'vitest';
import { IdParam, Limit, OptionalNumber } from './params.ts';

describe('an id in a path', () => {
  test.each([
    ['1', 1],
    ['2147483647', 2_147_483_647],
  ])('%s', (text, id) => {
    expect(IdParam.parse(text)).toBe(id);
  });

  test.each(['', '0', '-1', '1.5', '2147483648', 'one', 'NaN', 'Infinity', "1' or 1=1", '1;'])('never %j', (text) => {
    expect(IdParam.safeParse(text).success).toBe(false);
  });
});

test('a number that may be absent', () => {
  expect([OptionalNumber.parse(undefined), OptionalNumber.parse('7')]).toEqual([undefined, 7]);
  expect(OptionalNumber.safeParse('').success).toBe(false);
});

test('no list is endless', () => {
  expect(['1', '500'].map((text) => Limit.parse(text))).toEqual([1, 500]);
  for (const text of ['0', '501', '-5', 'all']) expect(Limit.safeParse(text).success).toBe(false);
});
