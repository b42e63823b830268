import { expect, test } from 'vitest';
import { pushedChange } from '#plugins/api/testing';
import { changeView } from './rows.ts';

test('of a commit’s message so much is shown as people read, and no half a character', () => {
  const shown = (message: string): string => changeView(pushedChange({ message })).message;
  expect(shown('Say hello\n\nTo all.')).toBe('Say hello\n\nTo all.');
  expect(shown('a'.repeat(2_000))).toHaveLength(2_000);
  expect(shown('a'.repeat(1_000_000))).toBe(`${'a'.repeat(2_000)}…`);
  expect(shown(`${'a'.repeat(1_999)}😀😀`)).toBe(`${'a'.repeat(1_999)}…`);
});
