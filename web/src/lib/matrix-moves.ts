import type { JobSummary } from '#server/api';
import type { Matrix } from './matrix.ts';

/** The keys that move in the matrix. */
export type Move = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';

/** Whether a key moves in the matrix. */
export function isMove(key: string): key is Move {
  return ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(key);
}

/** The job that a key leads to from `from`; `from` itself at the edge. Empty places are jumped over. */
export function moveInMatrix(matrix: Matrix, from: JobSummary, move: Move): JobSummary {
  return matrix.form === 'flow' ? moveInFlow(matrix.jobs, from, move) : moveInGrid(matrix, from, move);
}

function moveInFlow(jobs: readonly JobSummary[], from: JobSummary, move: Move): JobSummary {
  const at = jobs.findIndex((job) => job.id === from.id);
  if (move === 'Home') return jobs[0] ?? from;
  if (move === 'End') return jobs.at(-1) ?? from;
  const step = move === 'ArrowLeft' || move === 'ArrowUp' ? -1 : 1;
  return jobs[at + step] ?? from;
}

function moveInGrid(matrix: Matrix, from: JobSummary, move: Move): JobSummary {
  const across = matrix.rows.find((row) => row.cells.some((cell) => cell.some((job) => job.id === from.id)))?.cells.flat() ?? [];
  if (move === 'ArrowLeft' || move === 'ArrowRight' || move === 'Home' || move === 'End') return moveInFlow(across, from, move);
  const column = matrix.columns.findIndex((candidate) => candidate.key === from.cell.column);
  const down = matrix.rows.flatMap((row) => row.cells[column] ?? []);
  return moveInFlow(down, from, move);
}
