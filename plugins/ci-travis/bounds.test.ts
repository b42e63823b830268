import { expect, test, vi } from 'vitest';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { plan } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 200_000;
const MATRIX = `language: python\npython: ${listed(44)}\nenv: ${listed(44, (index) => `A=${index}`)}\n`;

function errorsOf(text: string): string[] {
  const { jobs, messages } = plan(text);
  expect(jobs).toEqual([]);
  return messages.filter(({ level }) => level === 'error').map((message) => message.text);
}

test('too many jobs are refused, be they rows of a matrix or listed', () => {
  expect(errorsOf(filled(LARGEST, 'language: python\njobs:\n include:\n', (index) => `  - {script: a${index}}\n`))).toEqual([
    expect.stringContaining('jobs or more, but at most 2000'),
  ]);
  expect(errorsOf(`language: python\npython: ${listed(70)}\nenv: ${listed(70, (index) => `A=${index}`)}\nscript: x\n`)).toEqual([
    'This makes 4900 jobs or more, but at most 2000 are allowed here. Take something out of the matrix.',
  ]);
});

test('what all jobs share, and rules, count for each job before any is made', () => {
  const tooMuch = [expect.stringContaining('too much to be worked out')];
  expect(errorsOf(filled(LARGEST, `${MATRIX}script:\n`, (index) => ` - a${index}\n`))).toEqual(tooMuch);
  expect(errorsOf(filled(LARGEST, `${MATRIX}script: x\njobs:\n exclude:\n`, (index) => `  - {python: x${index}}\n`))).toEqual(tooMuch);
  expect(errorsOf(`${MATRIX}script: "${'x'.repeat(150_000)}"\n`)).toEqual([expect.stringContaining('too much text')]);
});

test('a file that is too large is not read', () => {
  expect(errorsOf(filled(LARGEST + 10, 'language: python\nscript:\n', () => '- a\n', '- aaaaaaaaaaaaaaa\n'))).toEqual([
    expect.stringContaining('too large'),
  ]);
});
