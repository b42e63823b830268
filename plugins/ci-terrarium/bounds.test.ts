import { expect, test, vi } from 'vitest';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { TerrariumCi } from './provider.ts';
import { contextOf } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 200_000;
const MATRIX = `python: ${listed(40, (index) => `3.${index}`)}\nenv: ${listed(49, (index) => `{A: "${index}"}`)}\n`;

/** The errors of a plan that has no jobs, and how many messages there are in all. */
function refused(text: string): { readonly errors: string[]; readonly messages: number } {
  const { jobs, messages } = new TerrariumCi(contextOf()).parse({ text });
  expect(jobs).toEqual([]);
  return { errors: messages.filter(({ level }) => level === 'error').map((message) => message.text), messages: messages.length };
}

test('entries that make too many jobs together are refused', () => {
  const entry = `- {python: ${listed(10, (index) => `3.${index}`)}, env: [{A: "1"}, {A: "2"}]}\n`;
  expect(refused(filled(LARGEST, 'test: x\njobs:\n', () => entry)).errors).toEqual([expect.stringContaining('jobs or more, but at most 2000')]);
});

test('rules, commands and variables count for each job before any is made', () => {
  const tooMuch = { errors: [expect.stringContaining('too much to be worked out')], messages: 1 };
  // Else each rule without effect would have a warning.
  expect(refused(filled(LARGEST, `${MATRIX}test: x\nexclude:\n`, (index) => `- {python: 9.${index}}\n`))).toEqual(tooMuch);
  expect(refused(filled(LARGEST, `${MATRIX}test: x\nallow-failures:\n`, (index) => `- {python: 9.${index}}\n`))).toEqual(tooMuch);
  expect(refused(filled(LARGEST, `${MATRIX}test:\n`, (index) => `- x${index}\n`))).toEqual(tooMuch);
  expect(refused(filled(LARGEST, `${MATRIX}test: x\nvariables:\n`, (index) => `  V${index}: "x"\n`))).toEqual(tooMuch);
  const stages = `stages: ${listed(5000, (index) => `s${index}`)}`;
  expect(refused(filled(LARGEST, `test: x\n${stages}\njobs:\n`, (index) => `- {stage: t${index}}\n`))).toEqual(tooMuch);
});

test('a long command counts for each job', () => {
  expect(refused(`${MATRIX}test: "${'x'.repeat(180_000)}"\n`).errors).toEqual([expect.stringContaining('too much text')]);
});
