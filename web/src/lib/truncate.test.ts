import { describe, expect, it, test } from 'vitest';
import { firstLine, refName, splitMiddle } from './truncate.ts';

describe('splitMiddle', () => {
  it('keeps the end of a long name whole', () => {
    expect(splitMiddle('linux x86_64 OPENSSL=3.0', 4)).toEqual({ head: 'linux x86_64 OPENSSL', tail: '=3.0' });
  });

  it('takes a third of a short name at most', () => expect(splitMiddle('abcdef').tail).toBe('ef'));

  it('leaves an empty text alone', () => expect(splitMiddle('')).toEqual({ head: '', tail: '' }));

  it('does not cut a surrogate pair in two', () => expect(splitMiddle('abcd🐍', 1)).toEqual({ head: 'abcd', tail: '🐍' }));
});

describe('firstLine', () => {
  it('ends at any kind of line break', () => {
    expect(firstLine('one\r\ntwo')).toBe('one');
    expect(firstLine('only')).toBe('only');
  });
});

test.each([
  [{ tag: 'v1', branch: 'v1' }, 'v1'],
  [{ tag: null, branch: 'main' }, 'main'],
  [{ tag: null, branch: '' }, 'abcdef01'],
])('a change of %j is called %s', (change, name) => {
  expect(refName({ ...change, commit: 'abcdef0123456789' })).toBe(name);
});
