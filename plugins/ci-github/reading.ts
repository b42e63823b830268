import type { Change } from '#plugins/api';
import { type JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import { isForChanges, sayPaths, startedBy } from './expand/event.ts';
import type { JobRun } from './expand/job-run.ts';
import type { Needs } from './expand/needs.ts';
import { runsOf, type WorkflowRuns } from './expand/runs.ts';
import { purposeOf } from './expand/tests.ts';
import { sayWhatDiffers } from './hints.ts';
import { readWorkflow } from './read/workflow.ts';

/** What one file comes to. */
export interface Reading {
  readonly file: string;
  readonly runs: readonly JobRun[];
  readonly needs: Needs;
  /** A workflow could be made of it, be it a wrong one. */
  readonly isReadable: boolean;
  /** It tests changes, but GitHub would not test this one by it. */
  readonly holdsBack: boolean;
  /** The ids of jobs that run tests for this change at GitHub, and are not done here, or not wholly. */
  readonly lost: ReadonlySet<string>;
  /** Something of it is not done here, of which nobody knows whether it runs tests. */
  readonly isUnknown: boolean;
  /** What all files ask for together is too much. */
  readonly isTooMuch: boolean;
  readonly report: Report;
}

const NO_RUNS: WorkflowRuns = { runs: [], needs: new Map(), skipped: new Set(), lost: new Set(), unknown: new Set() };

/** Reads a file, and makes its runs where the change starts it. What there is to say is in the `report`. */
export function readFile(file: string, text: string, change: Change, budget: JobBudget): Reading {
  const report = new Report();
  const nothing = { ...NO_RUNS, file, isUnknown: false, holdsBack: false, isTooMuch: false, report };
  const workflow = readWorkflow(file, text, report);
  if (workflow === null || report.failed) return { ...nothing, isReadable: false };
  const tests = isForChanges(workflow) ? workflow.jobs.filter((job) => purposeOf(job) === 'tests') : [];
  const started = startedBy(change, workflow, report);
  if ('why' in started) {
    report.info('on', workflow.on.at, `This workflow is left out: ${started.why}.`);
    return { ...nothing, isReadable: true, holdsBack: started.isAsked || tests.length > 0 };
  }
  let isTooMuch = false;
  const { runs, needs, skipped, lost, unknown } = withinBudget(
    () => runsOf(workflow, started.event, change, { budget, report }),
    NO_RUNS,
    (problem) => {
      isTooMuch = true;
      report.error('jobs', null, problem);
    },
  );
  if (runs.length > 0) sayPaths(workflow, started.event, report);
  if (runs.length > 0) sayWhatDiffers(workflow, report);
  const holdsBack = tests.some(({ key }) => skipped.has(key));
  return { file, runs, needs, lost, isUnknown: unknown.size > 0, isReadable: true, holdsBack, isTooMuch, report };
}
