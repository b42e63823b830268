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

const JOB = 'language: python\npython: 3.6\nscript: x\n';

test.each([
  ['underscores', `${JOB}x${'_'.repeat(150_000)}1: 1\n`],
  ['capital letters', `${JOB}${'A'.repeat(150_000)}: 1\n`],
  ['spaces in a key', `${JOB}"a${' '.repeat(150_000)}b": 1\n`],
  ['spaces before the first line', `${' '.repeat(190_000)}\n${JOB}`],
  ['folders', filled(LARGEST, `${JOB}cache: [`, (index) => `a${index},`, ']\n')],
  ['names in a template', `${JOB}notifications: {slack: {template: "${'%{'.repeat(90_000)}"}}\n`],
  ['packages', filled(LARGEST, `${JOB}addons: {apt: {packages: [`, (index) => `A${index},`, ']}}\n')],
  ['values of a condition', `${JOB}env: {A: ${'x'.repeat(90_000)}}\nif: env(A) in (${'a,'.repeat(48_000)}a) or true = true\n`],
])('a long file is read in one go: %s', (_, text) => {
  expect(plan(text).messages.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a condition does not put texts together without end', () => {
  const { jobs, messages } = plan(`${JOB}env: {A: ${'x'.repeat(90_000)}}\nif: concat(${'env(A),'.repeat(12_000)}a) = b\n`);
  expect(jobs).toEqual([]);
  expect(messages.length).toBeGreaterThan(0);
});

test('a long text counts each time an alias stands for it', () => {
  expect(errorsOf(`${JOB}_x: &a ${'A=1 '.repeat(20_000)}\nenv: [${'*a ,'.repeat(25_000)}]\n`)).toEqual([expect.stringContaining('aliases counted')]);
  const pythons = listed(1000, (index) => `a${index}`);
  const row = listed(15_000, (index) => `A${index}=1`)
    .slice(1, -1)
    .replaceAll(',', ' ');
  expect(errorsOf(`language: python\npython: ${pythons}\nscript: x\nenv: ["${row}"]\n`)).toEqual([expect.stringContaining('too much')]);
});
