import { expect, test, vi } from 'vitest';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { planOf } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 500_000;

function errorsOf(text: string, file = 'tox.ini'): string[] {
  const { jobs, messages } = planOf({ [file]: text });
  expect(jobs).toEqual([]);
  return messages.filter(({ level }) => level === 'error').map((message) => message.text);
}

const TOO_MUCH = [expect.stringContaining('too much to be worked out')];

test('names of a list are not made without end', () => {
  expect(errorsOf(filled(19_990, '[tox]\nenvlist = ', () => '{1-1999},', '\n'))).toEqual([expect.stringContaining('more than can be meant')]);
  const long = `{${listed(1000).slice(1, -1)}}`;
  expect(errorsOf(`[tox]\nenvlist =\n${['a', 'b', 'c', 'd'].map((name) => `  ${name}${long}\n`).join('')}`)).toEqual([
    expect.stringContaining('at most 2000'),
  ]);
  const product = `{product=[${Array(4)
    .fill(listed(10, (index) => `"${index}"`))
    .join(',')}]},`;
  expect(
    errorsOf(
      filled(990_000, 'env_list = [', () => product, ']\n'),
      'tox.toml',
    ),
  ).toEqual(TOO_MUCH);
});

test('sections that stand for many environments, and lines for each of them, are counted', () => {
  expect(errorsOf(filled(LARGEST, '[tox]\nenvlist = a\n', (index) => `[testenv:{1-999}{a${index},b}]\nx=1\n`))).toEqual(TOO_MUCH);
  const envs = '[tox]\nenvlist = py{1-1999}\n[testenv]\ndepends =\n';
  expect(errorsOf(filled(LARGEST, envs, (index) => `  a${index}: b\n`))).toEqual(TOO_MUCH);
  expect(errorsOf(filled(20_000, '[tox]\nenvlist = py{1-1999}\n[testenv]\ndepends = ', (index) => `a*a*b${index},`, '\n'))).toEqual(TOO_MUCH);
});

test('bases and references that branch are followed within bounds', () => {
  const table = (index: number): string => `[env.s${index}]\nbase = ["s${index + 1}", "s${index + 2}", "s${index + 3}"]\n`;
  expect(errorsOf(filled(50_000, 'env_list = ["s0"]\n', table), 'tox.toml')).toEqual(TOO_MUCH);
});

test('defaults are not copied into each section, nor long values into each place that refers to them', () => {
  const defaults = filled(LARGEST / 2, '[DEFAULT]\n', (index) => `k${index}=1\n`);
  const { jobs } = planOf({ 'tox.ini': filled(LARGEST, `${defaults}[tox]\nenvlist = a\n`, (index) => `[s${index}]\n`) });
  expect(jobs.map(({ name }) => name)).toEqual(['a']);
  const head = `[tox]\nenvlist = a\n[x]\nk=${'y'.repeat(LARGEST / 2)}\n[testenv]\nplatform = `;
  expect(errorsOf(`${head}${'{[x]k}'.repeat(15_000)}\n`)).toEqual([expect.stringContaining('too much text')]);
});

test('conditions, and what each environment requires, are counted', () => {
  const conditions = filled(LARGEST, '[tox]\nenvlist = a\n[testenv]\nbasepython =\n', (index) => `  {1-${19_990 - (index % 5000)}}: x\n`);
  expect(errorsOf(conditions)).toEqual(TOO_MUCH);
  expect(errorsOf(filled(LARGEST, '[tox]\nenvlist = a{1-1999}\nrequires =\n', (index) => `  r${index}\n`))).toEqual(TOO_MUCH);
});

test.each<[string, Record<string, string>]>([
  [
    'braces that do not close',
    { 'tox.ini': `[tox]\nenvlist = a{1-999}\n[testenv]\ndepends = ${'{'.repeat(19_000)}\nplatform =\n  ${'{'.repeat(19_000)}: x\n  linux\n` },
  ],
  ['spaces behind a name', { 'tox.ini': `[tox]\nenvlist = a\nrequires = tox${' '.repeat(LARGEST / 2)}x\u2028y\n` }],
])('a long value is read in one go: %s', (_, files) => {
  expect(planOf(files).messages.length + planOf(files).jobs.length).toBeGreaterThan(0);
});

test('empty lines of a broken file are read in one go', () => {
  expect(planOf({ 'pyproject.toml': `${'\n'.repeat(LARGEST)}[` }).jobs).toEqual([]);
});
