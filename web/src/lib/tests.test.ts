import type { TestReport } from '#server/api';
import { expect, test } from 'vitest';
import { placeOf, testSentence, unlisted } from './tests.ts';

const NONE: TestReport = { passed: 0, failed: 0, errored: 0, skipped: 0, failures: [] };
const FAILURE = { name: 'test_a', outcome: 'failed', file: 'a.py', line: 3, message: '', logLine: 0 } as const;

test.each([
  [{}, 'tests: 0 passed'],
  [{ passed: 1200 }, 'tests: 1,200 passed'],
  [{ skipped: 2 }, 'tests: 2 skipped'],
  [{ failed: 2, errored: 1, passed: 4, skipped: 3 }, 'tests: 2 failed, 1 errored, 4 passed, 3 skipped'],
])('%j is told as "%s"', (counts, sentence) => {
  expect(testSentence({ ...NONE, ...counts })).toBe(sentence);
});

test('a place is a file and a line, as far as they are known', () => {
  expect([FAILURE, { ...FAILURE, line: null }, { ...FAILURE, file: null }].map(placeOf)).toEqual(['a.py:3', 'a.py', null]);
});

test('failures that are counted and not listed are told of', () => {
  expect([unlisted({ ...NONE, failed: 3, errored: 1, failures: [FAILURE] }), unlisted({ ...NONE, failures: [FAILURE] })]).toEqual([3, 0]);
});
