import { expect, test, vi } from 'vitest';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { plan } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 200_000;
const ROWS = `environment:\n  matrix: ${listed(1990, (index) => `{A: ${index}}`)}\n`;

function errorsOf(text: string): string[] {
  const { jobs, messages } = plan(text);
  expect(jobs).toEqual([]);
  return messages.filter(({ level }) => level === 'error').map((message) => message.text);
}

test('a matrix of the largest file is refused before it is made', () => {
  expect(errorsOf(filled(LARGEST, 'environment:\n matrix:\n', (index) => `  - {A: ${index}}\n`))).toEqual([expect.stringContaining('at most 2000')]);
  const section = (index: number): string => `- {matrix: {only: [{A: ${index}}]}, test_script: [x]}\n`;
  expect(errorsOf(filled(LARGEST, `${ROWS}test_script: [pytest]\nfor:\n`, section))).toEqual([expect.stringContaining('that is too much')]);
});

test('a long command counts for each row', () => {
  expect(errorsOf(`${ROWS}test_script: ["${'x'.repeat(150_000)}"]\n`)).toEqual([expect.stringContaining('that is too much text')]);
});

test('patterns that take long are given up together, not one after the other', () => {
  // Each alone would be stopped after a quarter of a second: all of them would take twenty minutes.
  const text = filled(LARGEST, 'test_script: [pytest]\nbranches:\n only:\n', (index) => `  - /((((((((.?)*)*)*)*)*)*)*)*y${index}/\n`);
  expect(plan(text).messages.length).toBeGreaterThan(0);
});

test('what a row has of its own counts for each row that it is part of', () => {
  const images = `image: ${listed(1900, (index) => `i${index}`)}\ntest_script: [x]\n`;
  const tooMuch = [expect.stringContaining('that is too much text')];
  expect(errorsOf(`${images}environment: {matrix: [{A: ${'x'.repeat(150_000)}}]}\n`)).toEqual(tooMuch);
  expect(errorsOf(`${images}environment: {${'x'.repeat(150_000)}: 1}\n`)).toEqual(tooMuch);
});

test('a long text counts each time an alias stands for it', () => {
  expect(errorsOf(`x: &a ${'python '.repeat(12_000)}\ninstall: [${'*a ,'.repeat(25_000)}]\n`)).toEqual([expect.stringContaining('too large')]);
});
