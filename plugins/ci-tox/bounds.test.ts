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
