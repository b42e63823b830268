import type { Change } from '#plugins/api';
import { partOf, type Part } from '#plugins/kit/yaml/part';
import { Report } from '#plugins/kit/yaml/report';
import { isMap, textOfValue, type Value } from '../expressions/value.ts';
import { valueIn } from '../read/evaluated.ts';
import { sayUnknownJobKeys } from '../read/keys.ts';
import type { Workflow } from '../read/workflow.ts';
import { type Condition, conditionIn } from './conditions.ts';
import type { EventName } from './event.ts';
import type { JobRun } from './job-run.ts';
import { type Needs, readNeeds } from './needs.ts';
import { type Expansion, rowsOf } from './rows.ts';
import { type JobFacts, jobScope } from './scope.ts';
import { leavesTestsToAction, purposeOf, purposeOfCall, runsTests, stepsOf } from './tests.ts';

/** What a workflow makes of a change. */
export interface WorkflowRuns {
  readonly runs: readonly JobRun[];
  readonly needs: Needs;
  /** The ids of jobs that GitHub would not run either. */
  readonly skipped: ReadonlySet<string>;
  /** Those of jobs that run tests at GitHub, and are not done here, or not wholly. */
  readonly lost: ReadonlySet<string>;
  /** Those of jobs of which nobody knows whether they do. */
  readonly unknown: ReadonlySet<string>;
}

/** What came of the jobs before. */
interface Left {
  readonly skipped: Set<string>;
  readonly lost: Set<string>;
  readonly unknown: Set<string>;
}

type Job = Workflow['jobs'][number];

/** The jobs of a workflow, each row of a matrix one of them. What is left out is told. Throws `TooMuch`. */
export function runsOf(workflow: Workflow, event: EventName, change: Change, expansion: Expansion): WorkflowRuns {
  const needs = readNeeds(workflow.jobs, expansion);
  const left: Left = { skipped: new Set(), lost: new Set(), unknown: new Set() };
  if (expansion.report.failed) return { runs: [], needs, ...left };
  const byId = new Map(workflow.jobs.map((job) => [job.key, job]));
  const made = new Map<string, JobRun[]>();
  for (const [id, needed] of needs) {
    const job = byId.get(id);
    if (job !== undefined) made.set(id, runsOfJob(job, { change, event, workflow, id, needs: needed }, left, expansion));
  }
  return { runs: workflow.jobs.flatMap(({ key }) => made.get(key) ?? []), needs, ...left };
}

function runsOfJob(part: Job, facts: JobFacts, left: Left, { budget, report }: Expansion): JobRun[] {
  const { id, workflow, event } = facts;
  const out = (why: string): JobRun[] => {
    report.info(part.path, part.at, `The job ${id} is left out: ${why}.`);
    return [];
  };
  const condition = conditionOf(part, facts, report);
  if (condition === null) return [];
  const lacks = condition.asksStatus ? undefined : facts.needs.find((name) => left.skipped.has(name));
  if (condition.passing === false || lacks !== undefined) {
    if (lacks !== undefined || !isForOtherName(part, facts)) left.skipped.add(id);
    if (condition.passing !== false) return out(`it needs ${lacks}, which is left out`);
    return out(`${condition.failing === false ? 'its condition does not hold' : 'it is for builds that failed'}: ${quoted(partOf(part, 'if'))}`);
  }
  if (leavesTestsToAction(part)) left.lost.add(id);
  const why = whyNotDone(part, left, report) ?? whyNoTest(part);
  if (why !== null) return out(why);
  sayUnknownJobKeys(part, report);
  const rows = rowsOf(part, facts, { budget, report });
  const runs = (rows ?? []).map(({ row, index, total, failFast }): JobRun => {
    const scope = jobScope(facts, row, { index, total, failFast });
    return { workflow, event, id, part, row, failFast, scope };
  });
  const kept = withoutContainers(runs, part, report);
  if ((rows === null || kept.length < runs.length) && runsTests(part)) left.lost.add(id);
  return kept;
}

/** Tests are to run in a copy of a repository as well, whatever name their condition asks for. What else there is may deploy, and stays where it belongs. */
function conditionOf(part: Job, facts: JobFacts, report: Report): Condition | null {
  const isTest = partOf(part, 'uses') === null ? runsTests(part) : purposeOfCall(part) === 'tests';
  return conditionIn(partOf(part, 'if'), { ...jobScope(facts), isCopy: isTest }, report);
}

/** Whether a job is left out for the name of the repository alone: those that need it do not wait for it then. */
function isForOtherName(part: Job, facts: JobFacts): boolean {
  return conditionIn(partOf(part, 'if'), { ...jobScope(facts), isCopy: true }, new Report())?.passing !== false;
}

/** A condition in one line, for people. */
function quoted(condition: Part | null): string {
  const text = condition?.tree.kind === 'text' ? condition.tree.text.trim().replaceAll(/\s+/g, ' ') : '';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
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
function whyNotDone(part: Job, { lost, unknown }: Left, report: Report): string | null {
  const uses = partOf(part, 'uses');
  if (uses === null) return null;
  const purpose = purposeOfCall(part);
  if (purpose !== 'other') (purpose === 'tests' ? lost : unknown).add(part.key);
  report.warning(uses.path, uses.at, `Workflows that others call are not run here${uses.tree.kind === 'text' ? `: ${uses.tree.text}` : ''}.`);
  return 'it calls another workflow';
}

function whyNoTest(part: Part): string | null {
  if (stepsOf(part).length === 0) return 'it has no steps';
  const purpose = purposeOf(part);
  if (purpose === 'tests') return null;
  return purpose === 'publishes' ? 'it publishes or deploys, and tests nothing' : 'nothing in it sets up a Python or tests one';
}
