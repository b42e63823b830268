import type { Verdict } from '#server/api';
import { duration } from '../duration.ts';
import type { Paint } from '../plan/paint.ts';
import { plain } from '../plan/plain.ts';
import type { RunJob } from './reporter.ts';

const MARKS: Readonly<Record<Verdict, string>> = { passed: '✔', failed: '✘', errored: '⚡', canceled: '■', skipped: '–' };

/** The matrix with its verdicts and durations, interpreters across; as a list where that would be wider than `width`. */
export function matrix(jobs: readonly RunJob[], width: number | null, color: Paint): string[] {
  const columns = [...new Set(jobs.map((job) => job.spec.cell.column))];
  const rows = [...new Set(jobs.map((job) => job.spec.cell.row))];
  const label = Math.max(...rows.map((row) => plain(row).length));
  const cells = rows.map((row) => columns.map((column) => jobs.filter((job) => job.spec.cell.row === row && job.spec.cell.column === column)));
  const widths = columns.map((column, index) => Math.max(plain(column).length, ...cells.map((line) => text(line[index] ?? []).length)));
  const total = label + widths.reduce((sum, one) => sum + one + 2, 0);
  if (columns.length < 2 || (width !== null && total > width))
    return jobs.map((job) => `${tinted([job], text([job]), color)}  ${plain(job.spec.name)}`);
  const head = `${' '.repeat(label)}${columns.map((column, index) => `  ${plain(column).padEnd(widths[index] ?? 0)}`).join('')}`;
  const lines = rows.map((row, at) => {
    const line = (cells[at] ?? []).map((cell, index) => `  ${tinted(cell, text(cell).padEnd(widths[index] ?? 0), color)}`);
    return `${plain(row).padEnd(label)}${line.join('')}`;
  });
  return [head, ...lines].map((line) => line.trimEnd());
}

function text(jobs: readonly RunJob[]): string {
  const [job] = jobs;
  if (job === undefined) return '·';
  const mark = MARKS[job.result?.verdict ?? 'skipped'];
  if (jobs.length > 1) return `${jobs.every((one) => one.result?.verdict === 'passed') ? '✔' : '✘'} ${jobs.length} jobs`;
  return job.seconds === null ? mark : `${mark} ${duration(job.seconds)}`;
}

function tinted(jobs: readonly RunJob[], words: string, color: Paint): string {
  if (jobs.length === 0) return color.dim(words);
  if (jobs.every((job) => job.result?.verdict === 'passed')) return color.green(words);
  if (jobs.every((job) => (job.result?.verdict ?? 'skipped') === 'skipped')) return color.dim(words);
  return jobs.every((job) => job.spec.allowFailure || job.result?.verdict === 'passed') ? color.yellow(words) : color.red(words);
}
