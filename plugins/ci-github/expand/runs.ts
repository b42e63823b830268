import type { Change } from '#plugins/api';
import type { JobBudget } from '#plugins/kit/job-budget';
import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { sizeOfTree } from '#plugins/kit/yaml/tree-size';
import { isMap, textOfValue, type Value, type ValueMap } from '../expressions/value.ts';
import { flagIn, valueIn } from '../read/evaluated.ts';
import { sayUnknownJobKeys } from '../read/keys.ts';
import { readMatrix } from '../read/matrix.ts';
import type { Workflow } from '../read/workflow.ts';
import { conditionIn } from './conditions.ts';
import type { EventName } from './event.ts';
import type { JobRun } from './job-run.ts';
import { levelsOf, needsOf } from './needs.ts';
import { type JobFacts, jobScope } from './scope.ts';
import { purposeOf, stepsOf } from './tests.ts';

/** GitHub's own limit of a matrix. Source: docs.github.com, "Workflow syntax", `jobs.<job_id>.strategy.matrix`. */
const MOST_ROWS = 256;

/** What an expansion may come to, and where it says what there is to say. */
export interface Expansion {
  readonly budget: JobBudget;
  readonly report: Report;
}

/** What a workflow makes of a change. */
export interface WorkflowRuns {
  readonly runs: readonly JobRun[];
  /** The ids of jobs that GitHub would not run either. */
  readonly skipped: ReadonlySet<string>;
}

/** The jobs of a workflow, each row of a matrix one of them. What is left out is told. Throws `TooMuch`. */
export function runsOf(workflow: Workflow, event: EventName, change: Change, expansion: Expansion): WorkflowRuns {
  const { report } = expansion;
  const levels = levelsOf(workflow.jobs, expansion);
  if (report.failed) return { runs: [], skipped: new Set() };
  const skipped = new Set<string>();
  const inOrder = workflow.jobs.toSorted((one, other) => (levels.get(one.key) ?? 0) - (levels.get(other.key) ?? 0));
  const runs = inOrder.flatMap((job) => {
    const needs = needsOf(job, report).map(({ text }) => text);
    return runsOfJob(job, { change, event, workflow, id: job.key, needs }, levels.get(job.key) ?? 0, skipped, expansion);
  });
  const places = new Map(workflow.jobs.map(({ key }, index) => [key, index]));
  return { runs: runs.toSorted((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0)), skipped };
}

function runsOfJob(part: Part, facts: JobFacts, level: number, skipped: Set<string>, { budget, report }: Expansion): JobRun[] {
  const { id, workflow, event } = facts;
  const out = (why: string): JobRun[] => {
    report.info(part.path, part.at, `The job ${id} is left out: ${why}.`);
    return [];
  };
  const condition = conditionIn(partOf(part, 'if'), jobScope(facts), report);
  if (condition === null) return [];
  const lacks = facts.needs.find((name) => skipped.has(name));
  if (condition.passing === false || (lacks !== undefined && !condition.asksStatus)) {
    skipped.add(id);
    if (condition.passing !== false) return out(`it needs ${lacks}, which is left out`);
    return out(condition.failing === false ? 'its condition does not hold' : 'it is for builds that failed');
  }
  const why = whyNotDone(part, report) ?? whyNoTest(part);
  if (why !== null) return out(why);
  sayUnknownJobKeys(part, report);
  const rows = rowsOf(part, facts, { budget, report });
  const runs = rows.map(({ row, index, total, failFast }): JobRun => {
    const scope = jobScope(facts, row, { index, total, failFast });
    return { workflow, event, id, part, row, level, failFast, scope };
  });
  return withoutContainers(runs, part, report);
}

/** A row may name a container, or leave it empty. */
function withoutContainers(runs: readonly JobRun[], part: Part, report: Report): JobRun[] {
  const container = partOf(part, 'container');
  if (container === null) return [...runs];
  const kept = runs.filter(({ scope }) => imageOf(valueIn(container, scope, report)) === '');
  const lost = runs.length - kept.length;
  if (lost > 0)
    report.warning(
      container.path,
      container.at,
      `Jobs in containers are not run here, as what runs a job is a machine of its own: ${lost} of ${runs.length} are left out.`,
    );
  return kept;
}

function imageOf(container: Value): string {
  if (isMap(container)) return textOfValue(container.get('image') ?? null);
  return textOfValue(container);
}

/** What is not done here is told as a warning besides: the project tests something by it, perhaps. */
function whyNotDone(part: Part, report: Report): string | null {
  const uses = partOf(part, 'uses');
  if (uses === null) return null;
  report.warning(uses.path, uses.at, `Workflows that others call are not run here${uses.tree.kind === 'text' ? `: ${uses.tree.text}` : ''}.`);
  return 'it calls another workflow';
}

function whyNoTest(part: Part): string | null {
  if (stepsOf(part).length === 0) return 'it has no steps';
  const purpose = purposeOf(part);
  if (purpose === 'tests') return null;
  return purpose === 'publishes' ? 'it publishes or deploys, and tests nothing' : 'nothing in it sets up a Python or tests one';
}

interface MatrixRow {
  readonly row: ValueMap;
  readonly index: number;
  readonly total: number;
  readonly failFast: boolean;
}

function rowsOf(part: Part, facts: JobFacts, { budget, report }: Expansion): MatrixRow[] {
  const strategy = partOf(part, 'strategy');
  const matrix = strategy && partOf(strategy, 'matrix');
  const scope = jobScope(facts);
  const most = strategy && partOf(strategy, 'max-parallel');
  if (most) report.info(most.path, most.at, 'How many jobs run at once is a matter of pools: this does not count.');
  const failFast = flagIn(strategy && partOf(strategy, 'fail-fast'), true, scope, report);
  const rows =
    matrix === null || matrix.tree.kind === 'empty' ? [new Map()] : (readMatrix(matrix, scope, { maximum: MOST_ROWS, budget }, report) ?? []);
  if (matrix !== null && rows.length === 0)
    report.info(part.path, part.at, `The job ${facts.id} is left out: its matrix has no rows that are known.`);
  charge(part, facts.workflow, rows.length, budget);
  return rows.map((row, index) => ({ row, index, total: rows.length, failFast }));
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
