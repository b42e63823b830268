import { partOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { JobRun } from '../expand/job-run.ts';
import { withContexts } from '../expand/scope.ts';
import { stepsOf } from '../expand/tests.ts';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, OpenMap } from '../expressions/open.ts';
import { actionStep } from './action-step.ts';
import { defaultsOf } from './defaults.ts';
import { leftOut } from './outcome.ts';
import { readStep, type Step } from './read-step.ts';
import { runStep } from './run-step.ts';
import type { PythonWish, StepResult, StepRun } from './step.ts';

/** What the steps of a job come to. */
export interface JobSteps {
  readonly runs: readonly StepRun[];
  /** The Pythons that they set up, in order. */
  readonly pythons: readonly PythonWish[];
  /** Null: none wants the sources. */
  readonly checkout: StepResult['checkout'];
  /** One of them needs what other jobs made. */
  readonly lacksArtefacts: boolean;
}

/** Reads the steps of a job in their order: each knows those before it. */
export function readSteps(run: JobRun, start: Scope, isWindows: boolean, versionFile: string | null, report: Report): JobSteps {
  const defaults = defaultsOf(run.part, run.workflow.root);
  const results: StepResult[] = [];
  const known = new Map<string, Context>();
  const steps = new OpenMap({}, (name) => known.get(name.toLowerCase()) ?? null);
  const scope = withContexts(start, { steps });
  for (const part of stepsOf(run.part)) {
    const step = readStep(part, scope, defaults, isWindows, report);
    if (step === null) continue;
    const result = resultOf(step, versionFile, report);
    if (step.id !== null) known.set(step.id.toLowerCase(), result.context);
    results.push(result);
  }
  return {
    runs: results.flatMap((result) => (result.run === null ? [] : [result.run])),
    pythons: results.flatMap((result) => (result.python === null ? [] : [result.python])),
    checkout: results.find(({ checkout }) => checkout !== null)?.checkout ?? null,
    lacksArtefacts: results.some((result) => result.lacksArtefacts),
  };
}

function resultOf(step: Step, versionFile: string | null, report: Report): StepResult {
  const { part, condition } = step;
  const [run, uses] = [partOf(part, 'run'), partOf(part, 'uses')];
  if ((run === null) === (uses === null)) {
    report.error(part.path, part.at, run === null ? 'A step must have "run" or "uses".' : 'A step cannot have both "run" and "uses".');
    return leftOut();
  }
  if (condition.passing === false && condition.failing === false) {
    report.info(part.path, part.at, 'This step is left out where its condition does not hold.');
    return leftOut();
  }
  if (run !== null) return runStep(step, run, report);
  return uses === null ? leftOut() : actionStep(step, uses, versionFile, report);
}
