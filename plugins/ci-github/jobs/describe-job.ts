import type { Change, JobSpec } from '#plugins/api';
import type { JobBudget } from '#plugins/kit/job-budget';
import { partOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { overlaid, readEnvironment } from '../expand/environment.ts';
import type { JobRun } from '../expand/job-run.ts';
import { withContexts } from '../expand/scope.ts';
import { numberOf } from '../expressions/value.ts';
import { flagIn, valueIn } from '../read/evaluated.ts';
import { configOf } from './config-of.ts';
import { pythonOf } from './interpreter.ts';
import { cellOf, jobName, uniqueName } from './names.ts';
import { programOf } from './program.ts';
import { runnerOf } from './runs-on.ts';
import { environmentOf, stepScope } from './step-scope.ts';
import { readSteps } from './steps.ts';
import { builtInVariables, ownVariables } from './variables.ts';

/** What all jobs of a build share. */
export interface BuildFacts {
  readonly change: Change;
  /** The text of `.python-version`; null: there is none. */
  readonly versionFile: string | null;
  /** Before the names of a workflow's jobs: more than one makes jobs. */
  readonly prefixOf: (run: JobRun) => string;
  readonly taken: Set<string>;
  readonly budget: JobBudget;
}

/** A job that has no stage yet. */
export type Unstaged = Omit<JobSpec, 'stage'>;

/**
 * A job as what a machine needs to run it. With a message, `nothing` where no step of it is to be run, and `undone` where what it begins with is not done here. Throws `TooMuch`.
 */
export function describeJob(run: JobRun, build: BuildFacts, report: Report): Unstaged | 'nothing' | 'undone' {
  const { part, scope, workflow } = run;
  const runner = runnerOf(part, scope, report);
  if (runner === null) return 'nothing';
  const shared = readEnvironment(partOf(workflow.root, 'env'), scope, report);
  const own = readEnvironment(partOf(part, 'env'), withContexts(scope, { env: environmentOf(shared) }), report);
  const settings = overlaid([shared, own]);
  const isWindows = runner.system === 'windows';
  const steps = readSteps(run, stepScope(run, runner, settings), isWindows, build.versionFile, report);
  const why = steps.runs.length === 0 ? 'none of its steps is run here' : steps.lacksArtefacts ? 'it works on artefacts of other jobs' : null;
  if (why !== null) {
    report.info(part.path, part.at, `The job ${run.id} is left out: ${why}.`);
    return steps.runs.length === 0 ? 'nothing' : 'undone';
  }
  const python = pythonOf(run, steps.pythons, build.versionFile, report);
  const prefix = build.prefixOf(run);
  const made: Unstaged = {
    name: uniqueName(`${prefix}${jobName(run, report)}`, build.taken),
    allowFailure: flagIn(partOf(part, 'continue-on-error'), false, scope, report),
    config: configOf(run, runner, settings),
    cell: cellOf(run, python, prefix),
    requirements: {
      system: runner.system,
      architecture: python?.architecture ?? runner.architecture,
      interpreter: python?.interpreter ?? null,
      image: null,
    },
    variables: [...builtInVariables(run, runner, python, build.change), ...ownVariables(settings)],
    checkout: steps.checkout,
    program: programOf(steps.runs, settings, isWindows),
    limits: { time: timeOf(run, report), silence: null },
  };
  build.budget.text(lengthOf(made));
  return made;
}

/** Expressions may make long texts of short ones. */
function lengthOf({ program, variables }: Unstaged): number {
  const texts = [...program.phases.flatMap(({ commands }) => commands.map(({ run }) => run)), ...variables.map(({ value }) => value)];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function timeOf({ part, scope }: JobRun, report: Report): number | null {
  const minutes = partOf(part, 'timeout-minutes');
  if (minutes === null) return null;
  const number = numberOf(valueIn(minutes, scope, report));
  if (number > 0 && number <= 100_000) return number * 60;
  report.warning(minutes.path, minutes.at, 'This is no number of minutes: the usual limit of time counts.');
  return null;
}
