import { expect, test, vi } from 'vitest';
import { filled } from '#plugins/kit/testing/hostile-text';
import { pushedChange } from '#plugins/api/testing';
import type { CiPlan } from '#plugins/api';
import { PythonProvider } from './python-provider.ts';

vi.setConfig({ testTimeout: 60_000 });

const LARGEST = 280_000;
const NAMED = '[project]\nname = "a"\n';
const LEVELS = Array.from({ length: 40 }, (_, index) => index);

function planOf(files: Readonly<Record<string, string>>): CiPlan {
  const provider = new PythonProvider();
  const texts = new Map(Object.entries(files));
  const file = provider.files.find((one) => texts.has(one)) ?? 'setup.py';
  return provider.parse({ file, text: texts.get(file) ?? '', texts, change: pushedChange() });
}

function saidOf(files: Readonly<Record<string, string>>, level: 'error' | 'warning'): string[] {
  return planOf(files)
    .messages.filter((message) => message.level === level)
    .map(({ text }) => text);
}

test('groups that double what they include, or never end, are not read', () => {
  const doubling = LEVELS.map((level) => `l${level + 1} = [{include-group = "l${level}"}, {include-group = "l${level}"}]\n`).join('');
  const tooMany = expect.stringContaining('comes to more than 10000 requirements');
  expect(saidOf({ 'pyproject.toml': `${NAMED}[dependency-groups]\nl0 = ["mock"]\n${doubling}` }, 'warning')).toContainEqual(tooMany);
  const chain = filled(LARGEST, `${NAMED}[dependency-groups]\n`, (index) => `g${index} = ["mock", {include-group = "g${index + 1}"}]\n`);
  expect(saidOf({ 'pyproject.toml': chain }, 'warning')).toContainEqual(tooMany);
});

test.each([
  ['lists', 'a0 = ["x"]\n', (level: number) => `a${level + 1} = a${level} + a${level}\n`],
  ['texts', 'a0 = "x"\n', (level: number) => `a${level + 1} = a${level} + a${level}\n`],
  ['spread lists', 'a0 = ["x"]\n', (level: number) => `a${level + 1} = [*a${level}, *a${level}]\n`],
])('what a setup.py doubles line by line is not made: %s', (_, first, line) => {
  expect(saidOf({ 'setup.py': `${first}${LEVELS.map(line).join('')}setup(tests_require=a40)\n` }, 'warning')).toContainEqual(
    expect.stringContaining('into more than is read'),
  );
});

test('what all jobs are given counts for each', () => {
  expect(saidOf({ 'setup.py': `a = ["x"]\n${'a += a\n'.repeat(40)}setup(name="a", tests_require=a)\n` }, 'error')).toEqual([
    expect.stringContaining('too much to be worked out'),
  ]);
  const classifiers = Array.from({ length: 300 }, (_, index) => `"Programming Language :: Python :: ${2 + (index % 7)}.${index % 100}"`).join(', ');
  expect(saidOf({ 'pyproject.toml': `${NAMED}classifiers = [${classifiers}]\n` }, 'error')).toEqual([expect.stringContaining('at most 200')]);
});

test.each<[string, Record<string, string>]>([
  ['a remark that is none', { 'setup.cfg': `[metadata]\nname = a${' # '.repeat(LARGEST / 3)}\u2028x\n` }],
  ['a value of many lines', { 'setup.cfg': `[options]\ninstall_requires =\n${'  a\n'.repeat(LARGEST / 4)}` }],
  ['remarks of requirements', { 'setup.py': 'setup(name="a")', 'requirements-test.txt': `${' #'.repeat(LARGEST / 2)}\u2028x` }],
  [
    'spaces in requirements',
    { 'pyproject.toml': filled(LARGEST, `${NAMED}[dependency-groups]\ntest = [\n`, () => `"a${' '.repeat(490)}@",\n`, ']\n') },
  ],
  ['keys', { 'pyproject.toml': filled(LARGEST, `${NAMED}[project.optional-dependencies]\n`, (index) => `k${index} = ["a"]\n`) }],
  ['lines of a recipe', { 'setup.py': 'setup(name="a")', Makefile: `test:\n${'\ta\\\n'.repeat(LARGEST / 4)}` }],
  [
    'targets',
    {
      'setup.py': 'setup(name="a")',
      Makefile: `test: ${Array.from({ length: 20_000 }, (_, index) => `a${index}`).join(' ')}\n${'#\n'.repeat(50_000)}`,
    },
  ],
  ['braces of tox', { 'setup.py': 'setup(name="a")', 'tox.ini': `[tox]\nenvlist = ${'py{'.repeat(LARGEST / 3)}` }],
  ['brackets that do not close', { 'setup.py': filled(LARGEST, 'setup(name="a")\n', () => 'a = [)\n') }],
  ['entries put into a map', { 'setup.py': filled(LARGEST, 'a = {}\n', (index) => `a["x${index}"] = "1"\n`, 'setup(extras_require=a)\n') }],
])('a long file is read in one go: %s', (_, files) => {
  expect(planOf(files).messages.length).toBeGreaterThan(0);
});
