import { describe, expect, test } from 'vitest';
import { PYTHONS } from '#plugins/api';
import type { PythonView } from '#server/api';
import { type PythonPool, pythonRows } from './python-rows.ts';
import type { Wish } from './sql/wishes.ts';

function pool(name: string, interpreters: Readonly<Record<string, string>>, architecture = 'x86_64'): PythonPool {
  const all = Object.entries(interpreters).map(([one, version]) => ({ name: one, version, implementation: 'cpython', path: `/opt/${one}` }));
  return { name, image: { architecture, interpreters: all } };
}

function wish(interpreter: string, projectId = 1, jobs = 1): Wish {
  return { projectId, project: `project ${projectId}`, interpreter, jobs };
}

function row(rows: readonly PythonView[], name: string): PythonView | undefined {
  return rows.find((one) => one.name === name);
}

/** Which rows somebody asks for. */
function asked(pools: readonly PythonPool[], ...wishes: readonly Wish[]): string[] {
  return pythonRows(pools, wishes).flatMap(({ name, projects }) => (projects.length > 0 ? [name] : []));
}

describe('rows of Pythons', () => {
  test('are the whole catalogue where nothing else is known', () => {
    const rows = pythonRows([], []);
    expect(rows.map(({ name }) => name)).toEqual(PYTHONS.map(({ name }) => name));
    expect(row(rows, '2.7')).toMatchObject({ endOfLife: '2020-01-01', tools: { pip: { version: '20.3.4' } }, pools: [], projects: [] });
  });

  test('say in which pools each is, and as which release', () => {
    const rows = pythonRows([pool('old', { '2.7': '2.7.9', 'acme-3.8': '3.8.1' }), pool('new', { '2.7': '2.7.18', 'acme-3.8@main': '3.8.2' })], []);
    expect(row(rows, '2.7')?.pools).toEqual([
      { pool: 'old', version: '2.7.9', abi: null, isBuilt: false },
      { pool: 'new', version: '2.7.18', abi: null, isBuilt: false },
    ]);
    expect(row(rows, 'acme-3.8')).toMatchObject({ implementation: 'other', released: null, tools: null, pools: [{ pool: 'old' }] });
    expect(row(rows, 'acme-3.8@main')).toBeUndefined();
  });

  test('say how each was built, and whether it was built here', () => {
    const interpreters = [
      { name: '2.7', implementation: 'cpython', version: '2.7.18', path: '/p', abi: 'cp27mu' },
      { name: '3.12', implementation: 'cpython', version: '3.12.4', path: 'bin/python', archive: 'ab'.repeat(32) },
    ];
    const rows = pythonRows([{ name: 'p', image: { architecture: 'x86_64', interpreters } }], []);
    expect(row(rows, '2.7')?.pools).toEqual([{ pool: 'p', version: '2.7.18', abi: 'cp27mu', isBuilt: false }]);
    expect(row(rows, '3.12')?.pools).toEqual([{ pool: 'p', version: '3.12.4', abi: null, isBuilt: true }]);
  });

  test('say who asks for each, however it is written', () => {
    const rows = pythonRows([pool('p', { '3.6': '3.6.15' })], [wish('3.6', 1, 2), wish('python3.6', 1, 3), wish('3.6.1', 2)]);
    expect(row(rows, '3.6')?.projects).toEqual([
      { id: 1, name: 'project 1', jobs: 5 },
      { id: 2, name: 'project 2', jobs: 1 },
    ]);
  });

  test.each([
    ['2.7', '2.7'],
    ['python2.5', '2.5'],
    ['3.6.1', '3.6'],
    ['3.13t', '3.13t'],
    ['PyPy', 'pypy2.7'],
    ['pypy3.9-7.3.8', 'pypy3.9'],
    ['3.11-32', '3.11-32'],
    ['nightly', 'nightly'],
    ['acme-3.8@main', 'acme-3.8@main'],
  ])('take %s for %s where no pool has it', (written, name) => {
    expect(asked([], wish(written))).toEqual([name]);
  });

  test('take what a pool would give for what was meant', () => {
    expect(asked([pool('p', { '3.9': '3.9.2', '3.11': '3.11.2' })], wish('3'))).toEqual(['3.11']);
    expect(asked([pool('p', { 'acme-3.8@main': '3.8.2' })], wish('acme-3.8@main'))).toEqual(['acme-3.8@main']);
  });

  test('know the days of a 32-bit one', () => {
    expect(row(pythonRows([pool('p', { '3.11-32': '3.11.2' })], []), '3.11-32')).toMatchObject({
      implementation: 'cpython',
      endOfLife: '2027-10-31',
    });
  });
});
