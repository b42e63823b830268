import { expect, test } from 'vitest';
import { jobSpec } from '../../builds/testing/rows.ts';
import { paint } from '../plan/paint.ts';
import { matrix } from './matrix.ts';
import type { RunJob } from './reporter.ts';

/** A job at a place of the picture; without a verdict it never ran. */
function job(
  column: string,
  row: string,
  verdict?: 'passed' | 'failed' | 'errored',
  changed: { seconds?: number; allowFailure?: boolean } = {},
): RunJob {
  return {
    spec: jobSpec(`${column} · ${row}`, { cell: { column, row }, allowFailure: changed.allowFailure ?? false }),
    position: 1,
    result: verdict === undefined ? null : { verdict, reason: null },
    startedAt: null,
    seconds: changed.seconds ?? null,
  };
}

const PLAIN = paint(false);

test('interpreters across, the rest down, holes where there is no job', () => {
  const jobs = [job('3.9', 'A=1', 'passed'), job('3.10', 'A=1', 'failed'), job('3.9', 'A=2', 'errored')];
  expect(matrix(jobs, null, PLAIN)).toEqual(['     3.9  3.10', 'A=1  ✔    ✘', 'A=2  ⚡    ·']);
});

test('with durations, and a mark for what never ran', () => {
  const [head, row] = matrix([job('3.9', 'x', 'passed', { seconds: 61 }), job('3.10', 'x')], null, PLAIN);
  expect(head).toMatch(/^ +3\.9 +3\.10$/);
  expect(row).toMatch(/^x +✔ \S.* +–$/);
});

test('jobs of one cell are counted', () => {
  const lines = matrix([job('3.9', 'x', 'passed'), job('3.9', 'x', 'failed'), job('3.10', 'x', 'passed')], null, PLAIN);
  expect(lines[1]).toBe('x  ✘ 2 jobs  ✔');
});

test('what is too wide, or has one column, is a list', () => {
  const jobs = [job('3.9', 'x', 'passed'), job('3.10', 'x', 'failed')];
  expect(matrix(jobs, 5, PLAIN)).toEqual(['✔  3.9 · x', '✘  3.10 · x']);
  expect(matrix(jobs.slice(0, 1), null, PLAIN)).toEqual(['✔  3.9 · x']);
});

test('names cannot move the cursor', () => {
  const lines = matrix([job('3.9\u001b[2J', 'x\r\n', 'passed'), job('3.10', 'x\r\n', 'passed')], null, PLAIN);
  // oxlint-disable-next-line no-control-regex
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
});

test('a failure that is allowed is not red', () => {
  const color = paint(true);
  const tint = (one: RunJob): string => matrix([one], null, color)[0] ?? '';
  expect(tint(job('a', 'b', 'failed'))).toContain(color.red('✘'));
  expect(tint(job('a', 'b', 'failed', { allowFailure: true }))).toContain(color.yellow('✘'));
  expect(tint(job('a', 'b', 'passed'))).toContain(color.green('✔'));
});
