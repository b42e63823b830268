import type { JobBudget } from '#plugins/kit/job-budget';
import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { sizeOfTree } from '#plugins/kit/yaml/tree-size';
import type { ValueMap } from '../expressions/value.ts';
import { flagIn } from '../read/evaluated.ts';
import { readMatrix } from '../read/matrix.ts';
import type { Workflow } from '../read/workflow.ts';
import { type JobFacts, jobScope } from './scope.ts';

/** GitHub's own limit of a matrix. Source: docs.github.com, "Workflow syntax", `jobs.<job_id>.strategy.matrix`. */
const MOST_ROWS = 256;

/** What an expansion may come to, and where it says what there is to say. */
export interface Expansion {
  readonly budget: JobBudget;
  readonly report: Report;
}

/** A row of a matrix, and where it stands in it. */
export interface MatrixRow {
  readonly row: ValueMap;
  readonly index: number;
  readonly total: number;
  readonly failFast: boolean;
}

/** The rows of a job: one, and empty, where it has no matrix. Null, with a message, where the matrix cannot be known. Throws `TooMuch`. */
export function rowsOf(part: Part, facts: JobFacts, { budget, report }: Expansion): MatrixRow[] | null {
  const strategy = partOf(part, 'strategy');
  const matrix = strategy && partOf(strategy, 'matrix');
  const scope = jobScope(facts);
  const most = strategy && partOf(strategy, 'max-parallel');
  if (most) report.info(most.path, most.at, 'How many jobs run at once is a matter of pools: this does not count.');
  const failFast = flagIn(strategy && partOf(strategy, 'fail-fast'), true, scope, report);
  const rows = matrix === null || matrix.tree.kind === 'empty' ? [new Map()] : readMatrix(matrix, scope, { maximum: MOST_ROWS, budget }, report);
  if (!report.failed && (rows === null || rows.length === 0))
    report.info(part.path, part.at, `The job ${facts.id} is left out: its matrix has no rows that are known.`);
  charge(part, facts.workflow, rows?.length ?? 0, budget);
  return rows?.map((row, index) => ({ row, index, total: rows.length, failFast })) ?? null;
}

/** Each row reads all that the job says, and what the workflow says of all its jobs. */
function charge(part: Part, { root }: Workflow, rows: number, budget: JobBudget): void {
  budget.jobs(rows);
  for (const one of [part, partOf(root, 'env'), partOf(root, 'defaults')]) {
    if (one === null) continue;
    const { values, characters } = sizeOfTree(one.tree);
    budget.work(values * rows);
    budget.text(characters * rows);
  }
}
