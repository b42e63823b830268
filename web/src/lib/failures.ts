import type { JobSummary } from '#server/api';

/** Jobs that broke alike, as one entry: `jobs` holds all of them, the first is where the entry leads. */
export interface Failure {
  title: string;
  jobs: [JobSummary, ...JobSummary[]];
}

/** So many jobs of one column or row with one reason are told as one. */
const ALIKE = 3;

/** What broke, the code's failures first, then the farm's; jobs that may fail are left out. What failed alike, by column or row, is one entry. */
export function groupFailures(jobs: readonly JobSummary[]): Failure[] {
  const failed = jobs.filter((job) => job.state === 'failed' && !job.allowFailure);
  const errored = jobs.filter((job) => job.state === 'errored');
  return [...groupAlike(failed), ...groupAlike(errored)];
}

function groupAlike(jobs: readonly JobSummary[]): Failure[] {
  const left = new Set(jobs);
  const failures: Failure[] = [];
  for (const job of jobs) {
    if (!left.has(job)) continue;
    const [title, alike] = largestGroup(job, [...left]);
    for (const member of alike) left.delete(member);
    failures.push({ title, jobs: alike });
  }
  return failures.sort((a, b) => b.jobs.length - a.jobs.length);
}

function largestGroup(job: JobSummary, others: readonly JobSummary[]): [string, [JobSummary, ...JobSummary[]]] {
  const inColumn = others.filter((other) => other !== job && other.cell.column === job.cell.column && other.reason === job.reason);
  const inRow = others.filter((other) => other !== job && other.cell.row === job.cell.row && other.reason === job.reason);
  const isByColumn = inColumn.length >= inRow.length;
  const alike = isByColumn ? inColumn : inRow;
  if (alike.length + 1 < ALIKE) return [job.name, [job]];
  return [isByColumn ? job.cell.column : job.cell.row, [job, ...alike]];
}
