import { createTwoFilesPatch } from 'diff';
import { expect, test } from 'vitest';
import { countChanges, readPatch, SIGNS } from './patch.ts';

/** As the server makes it, and as a reader sees it: numbers on both sides, sign, text. */
function shown(before: string, after: string): string[] {
  const patch = createTwoFilesPatch('tox.ini', 'tox.ini', before, after, '', '', { context: 1 });
  return readPatch(patch).map((line) => `${line.before ?? ''}|${line.after ?? ''}|${SIGNS[line.kind]}${line.text}`);
}

test('what is changed stands between what is not, with the numbers of both sides', () => {
  expect(shown('a\nb\nc\nd\n', 'a\nB\nBB\nc\nd\n')).toEqual(['|| @@ -1,3 +1,4 @@', '1|1| a', '2||-b', '|2|+B', '|3|+BB', '3|4| c']);
});

test('places that lie apart are hunks of their own', () => {
  const before = Array.from({ length: 12 }, (_, n) => `${n}\n`).join('');
  const lines = shown(before, before.replace('1\n', 'one\n').replace('9\n', 'nine\n'));
  expect(lines.filter((line) => line.includes('@@'))).toHaveLength(2);
  expect(lines.at(-1)).toBe('11|11| 10');
});

test('a file that is new, and one that is gone', () => {
  expect(shown('', 'x\n')).toEqual(['|| @@ -0,0 +1,1 @@', '|1|+x']);
  expect(shown('x\n', '')).toEqual(['|| @@ -1,1 +0,0 @@', '1||-x']);
});

test('lines that look like the head of a patch are lines', () => {
  expect(shown('-- a\n@@ -1 +1 @@\n', '++ b\n')).toEqual(['|| @@ -1,2 +1,1 @@', '1||--- a', '2||-@@ -1 +1 @@', '|1|+++ b']);
});

test('a missing line feed at the end is said', () => {
  expect(shown('a', 'a\n')).toContain('|| No newline at end of file');
});

test('a carriage return belongs to its line', () => {
  expect(readPatch('@@ -1 +1 @@\n-a\n+a\r\n').at(-1)).toEqual({ kind: 'added', before: null, after: 1, text: 'a\r' });
});

test('what is no patch has no lines', () => expect(readPatch('--- a\n+++ b\n')).toEqual([]));

test('lines are counted by what they do', () => {
  expect(countChanges(readPatch('@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n'))).toEqual({ added: 2, removed: 1 });
});
