import { describe, expect, test } from 'vitest';
import type { PythonToolsView, PythonView } from '#server/api';
import { ageOf, isMissing, lifeStretch, lifeWords, oldToolsWords, placeOf, placeWords, pythonGroups, pythonsSentence, spanOf } from './pythons.ts';

const TODAY = '2020-06-01';

function python(name: string, changed: Partial<PythonView> = {}): PythonView {
  const days = { released: '2010-01-01', endOfLife: null, certain: true } as const;
  return { name, implementation: 'cpython', ...days, tools: null, pools: [], projects: [], ...changed };
}

const POOL = { pool: 'p', version: '1', abi: null, isBuilt: false };
const PROJECT = { id: 1, name: 'attrs', jobs: 2 };
const CURRENT = { version: 'current', certain: true };
const TOOLS: PythonToolsView = { pip: CURRENT, setuptools: CURRENT, wheel: CURRENT, virtualenv: CURRENT, pytest: CURRENT, environment: 'venv' };

test.each([
  [{ released: null, endOfLife: null }, 'unknown'],
  [{ released: '2020-06-02', endOfLife: null }, 'coming'],
  [{ released: '2020-06-01', endOfLife: null }, 'alive'],
  [{ released: '2010-01-01', endOfLife: '2020-06-01' }, 'alive'],
  [{ released: '2010-01-01', endOfLife: '2020-05-31' }, 'ended'],
])('%o is %s', (days, age) => {
  expect(ageOf(days, TODAY)).toBe(age);
});

test('groups are of implementations, the newest version first', () => {
  const groups = pythonGroups([python('3.9'), python('acme', { implementation: 'other' }), python('3.10'), python('2.7')]);
  expect(groups.map(({ title, pythons }) => [title, ...pythons.map(({ name }) => name)])).toEqual([
    ['CPython', '3.10', '3.9', '2.7'],
    ['Others', 'acme'],
  ]);
});

describe('the sentence', () => {
  const say = (...pythons: PythonView[]): string => pythonsSentence({ checkedOn: TODAY, pythons }, TODAY);

  test('tells of what is asked for in vain, and of what has ended', () => {
    const ended = python('2.7', { endOfLife: '2020-01-01', pools: [POOL], projects: [PROJECT] });
    expect(say(ended, python('3.4', { projects: [PROJECT] }), python('3.5', { projects: [PROJECT] }), python('3.6'))).toBe(
      '1 Python in the pools, 3 asked for by projects. No pool has 3.4 and 3.5. Nobody mends 2.7 any more.',
    );
  });

  test('tells of nothing else where there is nothing', () => {
    expect(say(python('3.6', { pools: [POOL], projects: [PROJECT] }))).toBe('1 Python in the pools, 1 asked for by projects.');
    expect(say(python('3.6', { pools: [POOL] }))).toBe('1 Python in the pools; no project asks for one yet.');
  });
});

test('what a fork publishes is not missing', () => {
  expect([isMissing(python('acme-3.8@main', { projects: [PROJECT] })), isMissing(python('3.8', { projects: [PROJECT] }))]).toEqual([false, true]);
});

test('a life is drawn on the years of all', () => {
  const short = python('a', { released: '2000-07-02', endOfLife: '2003-01-01' });
  const span = spanOf([short, python('b', { released: '2001-01-01' })]);
  expect(span).toEqual({ from: 2000, until: 2004 });
  expect(lifeStretch(short, span)).toEqual({ left: expect.closeTo(12.5, 1), width: expect.closeTo(62.5, 1) });
  expect(lifeStretch(python('b', { released: '2002-01-01' }), span)).toEqual({ left: expect.closeTo(50, 0), width: expect.closeTo(50, 0) });
  expect(lifeStretch(python('c', { released: null }), span)).toBeNull();
  expect(placeOf('2030-01-01', span)).toBe(100);
});

test.each([
  [{ endOfLife: '2019-01-01' }, '2010-01-01 to 2019-01-01'],
  [{ endOfLife: '2025-01-01' }, 'since 2010-01-01, until 2025-01-01'],
  [{ certain: false }, 'since about 2010-01-01, no end is planned'],
  [{ released: '2021-01-01' }, 'planned for 2021-01-01, no end is planned'],
  [{ released: null }, 'not in the catalogue'],
  [{ name: 'acme-3.8@main', released: null }, 'published by a fork'],
])('a life of %o in words', (days, words) => {
  expect(lifeWords(python('a', days), TODAY)).toBe(words);
});

test('of tools those are told that must be old', () => {
  const old = {
    ...TOOLS,
    pip: { version: '1.3.1', certain: true },
    pytest: { version: '2.8.7', certain: false },
    wheel: { version: 'none', certain: true },
  };
  expect(oldToolsWords(old)).toBe('pip 1.3.1, no wheel, pytest 2.8.7 (probably)');
  expect(oldToolsWords(TOOLS)).toBe('');
});

test.each([
  [{ version: '3.11.2', abi: 'cp311', isBuilt: false }, '3.11.2'],
  [{ version: '2.7.18', abi: 'cp27mu', isBuilt: false }, '2.7.18 (cp27mu)'],
  [{ version: '3.12.4', abi: null, isBuilt: true }, '3.12.4, built here'],
])('where it is, %o, in words', (place, words) => {
  expect(placeWords({ pool: 'p', ...place })).toBe(words);
});
