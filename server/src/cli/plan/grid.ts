import type { JobSpec } from '#plugins/api';
import { plain } from './plain.ts';

const INDENT = 2;

/**
 * Jobs as a picture of their matrix, a line an entry: interpreters across, everything else down; ● is a job, ○ one that may fail, a number
 * several. Null where it would be wider than `width`, or no picture: a single column.
 */
export function grid(jobs: readonly JobSpec[], width: number | null): string[] | null {
  const columns = [...new Set(jobs.map(({ cell }) => cell.column))];
  const rows = [...new Set(jobs.map(({ cell }) => cell.row))];
  const label = Math.max(...rows.map((row) => plain(row).length));
  const widths = columns.map((column) => plain(column).length);
  const total = INDENT + label + widths.reduce((sum, one) => sum + one + 2, 0);
  if (columns.length < 2 || (width !== null && total > width)) return null;
  const line = (start: string, cells: readonly string[]): string =>
    `${start.padEnd(label)}${cells.map((cell, index) => `  ${cell.padEnd(widths[index] ?? 0)}`).join('')}`;
  const lines = rows.map((row) =>
    line(
      plain(row),
      columns.map((column) => mark(jobs, column, row)),
    ),
  );
  return [line('', columns.map(plain)), ...lines].map((text) => text.trimEnd());
}

function mark(jobs: readonly JobSpec[], column: string, row: string): string {
  const here = jobs.filter(({ cell }) => cell.column === column && cell.row === row);
  const [first] = here;
  if (first === undefined) return '·';
  if (here.length > 1) return String(here.length);
  return first.allowFailure ? '○' : '●';
}
