import { describe, expect, it } from 'vitest';
import { readLoginCode, safeTarget } from './login.ts';

describe('readLoginCode', () => {
  it.each([
    [' abc-DEF_1 ', 'abc-DEF_1'],
    ['http://localhost:8080/login?code=abc%2D1', 'abc-1'],
    ['http://localhost/login?to=/&code=a%zz', 'a%zz'],
  ])('reads %j', (pasted, code) => expect(readLoginCode(pasted)).toBe(code));
});

describe('safeTarget', () => {
  it('stays on these pages', () => {
    expect(safeTarget('/builds/3?x=1')).toBe('/builds/3?x=1');
    for (const wanted of [
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      'https://evil.example',
      '/login',
      '/invitation?code=x',
      undefined,
      ['/'],
    ])
      expect(safeTarget(wanted)).toBe('/');
  });
});
