import type { JobState, JobSummary } from '#server/api';
import { groupBy } from './group.ts';
import { compareInterpreters, readInterpreter, type InterpreterLabel } from './interpreter.ts';

/** Systems as people write them. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['linux', 'Linux'],
  ['windows', 'Windows'],
  ['macos', 'macOS'],
  ['osx', 'macOS'],
  ['freebsd', 'FreeBSD'],
]);

/** One column: an interpreter. */
export interface MatrixColumn {
  key: string;
  interpreter: InterpreterLabel;
  whole: JobState | null;
}

/** Neighbouring columns of one implementation. */
export interface MatrixGroup {
  name: string;
  span: number;
}

/** One row: everything else that tells jobs apart. `cells` has an entry for each column; usually no or one job. */
export interface MatrixRow {
  /** Tells it from rows of the same name in other bands. */
  key: string;
  name: string;
  cells: JobSummary[][];
  whole: JobState | null;
}

/** The rows of one system and architecture. `name` is empty where there is no other. */
export interface MatrixBand {
  name: string;
  rows: MatrixRow[];
}

/**
 * The picture of a stage. `grid`: interpreters across. `flow`: cells one after the other, where a grid would be nearly empty
 * or one column wide; `size` says how much room a cell may take.
 */
export interface Matrix {
  form: 'grid' | 'flow';
  size: 'generous' | 'compact';
  columns: MatrixColumn[];
  groups: MatrixGroup[];
  bands: MatrixBand[];
  /** Those of all bands. */
  rows: MatrixRow[];
  jobs: JobSummary[];
}

/** Lays jobs of one stage out. Columns by implementation and age, rows by system and architecture; else in the order in which the description first names them. */
export function layOutMatrix(jobs: readonly JobSummary[]): Matrix {
  const sorted = [...jobs].sort((a, b) => a.position - b.position);
  const columns = findColumns(sorted);
  const bands = findBands(sorted, columns);
  const rows = bands.flatMap((band) => band.rows);
  return {
    form: isGrid(sorted.length, columns.length, rows.length) ? 'grid' : 'flow',
    size: sorted.length <= 12 ? 'generous' : 'compact',
    columns,
    groups: groupColumns(columns),
    bands,
    rows,
    jobs: sorted,
  };
}

/** A grid of fewer than a quarter filled cells (each environment on its own interpreter) reads worse than a plain flow. */
function isGrid(jobs: number, columns: number, rows: number): boolean {
  if (columns < 2) return false;
  if (rows < 4) return true;
  return jobs / (columns * rows) >= 0.25;
}

function findColumns(jobs: readonly JobSummary[]): MatrixColumn[] {
  const names = [...new Set(jobs.map((job) => job.cell.column))];
  const columns = names.map((key) => ({
    key,
    interpreter: readInterpreter(key),
    whole: brokenAsWhole(jobs.filter((job) => job.cell.column === key)),
  }));
  return columns.sort((a, b) => compareInterpreters(a.interpreter, b.interpreter));
}

function findBands(jobs: readonly JobSummary[], columns: readonly MatrixColumn[]): MatrixBand[] {
  const byBand = groupBy(jobs, bandOf);
  const isAlone = byBand.size < 2;
  return [...byBand].map(([name, inBand]) => ({ name: isAlone ? '' : name, rows: findRows(inBand, columns, name) }));
}

function bandOf({ system, architecture }: JobSummary): string {
  const name = SYSTEMS.get(system.toLowerCase()) ?? system;
  return architecture === null ? name : `${name} ${architecture}`;
}

function findRows(jobs: readonly JobSummary[], columns: readonly MatrixColumn[], band: string): MatrixRow[] {
  const byRow = groupBy(jobs, (job) => job.cell.row);
  return [...byRow].map(([name, inRow]) => ({
    key: `${band}\n${name}`,
    name,
    cells: columns.map((column) => inRow.filter((job) => job.cell.column === column.key)),
    whole: brokenAsWhole(inRow),
  }));
}

function groupColumns(columns: readonly MatrixColumn[]): MatrixGroup[] {
  const groups: MatrixGroup[] = [];
  for (const column of columns) {
    const last = groups.at(-1);
    if (last?.name === column.interpreter.group) last.span += 1;
    else groups.push({ name: column.interpreter.group, span: 1 });
  }
  return groups;
}

/** The one bad state that all of them share; null where they differ, are well, or are fewer than two. */
export function brokenAsWhole(jobs: readonly JobSummary[]): JobState | null {
  const state = jobs[0]?.state;
  if (jobs.length < 2 || (state !== 'failed' && state !== 'errored')) return null;
  return jobs.every((job) => job.state === state) ? state : null;
}
