import { describe, expect, it } from 'vitest';
import { inRange } from './range.ts';

describe('inRange', () => {
  it.each([
    ['1.0.0', '^1.0.0', true],
    ['1.2.0', '^1.1.9', true],
    ['1.1.9', '^1.2.0', false],
    ['1.2.3', '^1.2.4', false],
    ['2.0.0', '^1.0.0', false],
    ['1.10.0', '^1.9.0', true],
    ['1.0.0', '1.0.0', null],
    ['1.0.0', '^1', null],
    ['1.0.0', '*', null],
    ['1.0.0', '^1.0.0-rc', null],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(inRange(version, range)).toBe(expected);
  });
});
