import { expect, test } from 'vitest';
import { showHidden } from './hidden.ts';

test('a text without anything hidden is one piece', () => {
  expect(showHidden('\tinstall: "pip install ."  # grüße 日本')).toEqual([{ text: '\tinstall: "pip install ."  # grüße 日本', isHidden: false }]);
  expect(showHidden('')).toEqual([]);
});

test.each([
  ['a right-to-left override', 'a\u202eb', 'U+202E'],
  ['a zero-width space', 'a\u200bb', 'U+200B'],
  ['a carriage return', 'a\rb', 'U+000D'],
  ['an escape', 'a\u001bb', 'U+001B'],
  ['a letter that shows nothing', 'a\u3164b', 'U+3164'],
  ['a tag', 'a\u{e0041}b', 'U+E0041'],
])('%s is shown by its number', (_, text, name) => {
  expect(showHidden(text)).toEqual([
    { text: 'a', isHidden: false },
    { text: name, isHidden: true },
    { text: 'b', isHidden: false },
  ]);
});

test('several next to each other are each shown', () => {
  expect(showHidden('\u202e\u2066').map(({ text }) => text)).toEqual(['U+202E', 'U+2066']);
});
