import type { BuildState, JobState, JobSummary } from '#server/api';
import { describe, expect, it } from 'vitest';
import { buildSentence } from './build-sentence.ts';
import { groupFailures } from './failures.ts';
import { moveInMatrix } from './matrix-moves.ts';
import { layOutMatrix } from './matrix.ts';

function job(position: number, column: string, row: string, state: JobState = 'passed', reason: string | null = null): JobSummary {
  return {
    id: position, buildId: 1, position, name: `${column} · ${row}`, stage: 'test', allowFailure: false, cell: { column, row }, system: 'linux', architecture: null, state, reason,
    attempt: 1, coverage: null, queuedAt: null, startedAt: null, finishedAt: null,
  }; // prettier-ignore
}

function product(columns: string[], rows: string[], stateOf: (column: string, row: string) => JobState = () => 'passed'): JobSummary[] {
  return rows.flatMap((row, r) => columns.map((column, c) => job(r * columns.length + c + 1, column, row, stateOf(column, row))));
}

describe('layOutMatrix', () => {
  it('puts interpreters across by implementation and age, whatever their order in the description', () => {
    const matrix = layOutMatrix(product(['pypy3.10', '3.9', 'nightly', '2.7', '3.10', 'jython', 'pypy2.7'], ['a']));
    expect(matrix.columns.map((column) => column.key)).toEqual(['2.7', '3.9', '3.10', 'nightly', 'pypy2.7', 'pypy3.10', 'jython']);
    expect(matrix.groups).toEqual([
      { name: 'CPython 2', span: 1 },
      { name: 'CPython 3', span: 3 },
      { name: 'PyPy', span: 2 },
      { name: 'Jython', span: 1 },
    ]);
  });

  it('keeps every job, also two in one cell', () => {
    const matrix = layOutMatrix([job(1, '3.12', 'a'), job(2, '3.12', 'a'), job(3, '3.13', 'a')]);
    expect(matrix.rows[0]?.cells.map((cell) => cell.map((each) => each.id))).toEqual([[1, 2], [3]]);
  });

  it('is generous with few cells and compact with many', () => {
    expect(layOutMatrix(product(['3.12', '3.13'], ['a', 'b'])).size).toBe('generous');
    expect(layOutMatrix(product(['3.11', '3.12', '3.13'], ['a', 'b', 'c', 'd', 'e'])).size).toBe('compact');
  });

  it('flows where a grid would be one column or nearly empty', () => {
    const diagonal = ['2.6', '2.7', '3.2', '3.3', '3.4'].map((column, i) => job(i + 1, column, `TOXENV=py${i}`));
    expect(layOutMatrix(diagonal).form).toBe('flow');
    expect(layOutMatrix(product(['3.12'], ['a', 'b', 'c'])).form).toBe('flow');
    expect(layOutMatrix(product(['3.12', '3.13'], ['a'])).form).toBe('grid');
  });

  it('has a band for each system and architecture where there are several, in the order of the description', () => {
    const columns = ['2.7', '3.12'];
    const on = (system: string, architecture: string | null, from: number): JobSummary[] =>
      product(columns, ['a', 'b']).map((each) => ({ ...each, id: from + each.id, position: from + each.position, system, architecture }));
    const { rows, bands } = layOutMatrix([...on('linux', null, 0), ...on('windows', 'x86_64', 4), ...on('linux', 'i686', 8)]);
    expect(bands.map(({ name, rows: own }) => [name, own.map(({ name: row }) => row)])).toEqual([
      ['Linux', ['a', 'b']],
      ['Windows x86_64', ['a', 'b']],
      ['Linux i686', ['a', 'b']],
    ]);
    expect(rows.map(({ cells }) => cells.flat().map(({ id }) => id))).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
      [9, 10],
      [11, 12],
    ]);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(6);
  });

  it('keeps the rows of a system together, and needs no band for one alone', () => {
    const jobs = [job(1, '3.12', 'a'), { ...job(2, '3.12', 'w'), system: 'osx' }, job(3, '3.13', 'b')];
    expect(layOutMatrix(jobs).bands.map(({ name, rows }) => [name, rows.length])).toEqual([
      ['Linux', 2],
      ['macOS', 1],
    ]);
    expect(layOutMatrix(product(['3.12', '3.13'], ['a', 'b'])).bands.map(({ name }) => name)).toEqual(['']);
  });

  it('says which column or row failed as a whole', () => {
    const matrix = layOutMatrix(product(['2.7', '3.12'], ['a', 'b'], (column) => (column === '2.7' ? 'failed' : 'passed')));
    expect(matrix.columns.map((column) => column.whole)).toEqual(['failed', null]);
    expect(matrix.rows.map((row) => row.whole)).toEqual([null, null]);
  });
});

describe('moveInMatrix', () => {
  const jobs = [job(1, '3.11', 'a'), job(2, '3.13', 'a'), job(3, '3.12', 'b'), job(4, '3.13', 'b')];
  const matrix = layOutMatrix(jobs);
  const from = (id: number): JobSummary => jobs.find((each) => each.id === id) ?? job(0, '', '');

  it('jumps over empty places', () => expect(moveInMatrix(matrix, from(1), 'ArrowRight').id).toBe(2));
  it('moves down in its column', () => expect(moveInMatrix(matrix, from(2), 'ArrowDown').id).toBe(4));
  it('stays at the edge', () => expect(moveInMatrix(matrix, from(1), 'ArrowDown').id).toBe(1));
  it('goes to the ends of the row', () => expect(moveInMatrix(matrix, from(4), 'Home').id).toBe(3));
});

describe('groupFailures', () => {
  it('tells what failed alike as one, the code before the farm', () => {
    const jobs = [
      ...['a', 'b', 'c'].map((row, i) => job(i + 1, '2.7', row, 'failed', 'pip install failed')),
      job(4, '3.12', 'a', 'failed', 'pytest failed'),
      job(5, '3.13', 'a', 'errored', 'machine lost'),
    ];
    expect(groupFailures(jobs).map(({ title, jobs: members }) => [title, members.length])).toEqual([
      ['2.7', 3],
      ['3.12 · a', 1],
      ['3.13 · a', 1],
    ]);
  });

  it('leaves out what may fail', () => expect(groupFailures([{ ...job(1, '3.14', 'a', 'failed'), allowFailure: true }])).toEqual([]));
});

describe('buildSentence', () => {
  const sentence = (state: BuildState, jobs: JobSummary[]): string => buildSentence({ state, jobs, messages: [], description: '.travis.yml' });

  it('says that the description has errors', () => {
    const messages = [{ level: 'error' as const, text: 'no', path: '', line: 1, column: 1 }];
    expect(buildSentence({ state: 'errored', jobs: [], messages, description: '.travis.yml' })).toBe(
      '.travis.yml cannot be used as it is: see below.',
    );
  });

  it('says what failed, and as a whole', () => {
    const jobs = product(['2.7', '3.12'], ['a', 'b'], (column) => (column === '2.7' ? 'failed' : 'passed'));
    expect(sentence('failed', jobs)).toBe('2 of 4 jobs failed: all of CPython 2.7.');
  });

  it('tells the farm from the code', () => {
    expect(sentence('errored', [job(1, '3.12', 'a', 'errored'), job(2, '3.13', 'a')])).toBe('1 job errored before a verdict: not a failed test.');
  });

  it('counts what is under way', () => {
    expect(sentence('running', [job(1, '3.12', 'a', 'running'), job(2, '3.13', 'a', 'queued')])).toBe('1 running, 1 waiting.');
  });

  it('says what was canceled', () => {
    expect(sentence('canceled', [job(1, '3.12', 'a', 'canceled'), job(2, '3.13', 'a')])).toBe('1 of 2 jobs canceled.');
  });

  it('says that all is well', () => {
    expect(sentence('passed', product(['3.12', '3.13'], ['a']))).toBe('All 2 jobs done, none failed.');
  });
});
