import { type Context, OpenMap, reference } from '../expressions/open.ts';
import type { StepResult } from './step.ts';

/** What others can ask of a step that runs. */
export function outcomeContext(outputs: Context, step: string): OpenMap {
  return new OpenMap(
    { outputs, outcome: reference({ from: 'step', step, what: 'outcome' }), conclusion: reference({ from: 'step', step, what: 'conclusion' }) },
    null,
  );
}

/** A step for which nothing is run. */
export function leftOut(outputs: Context = null, outcome: 'skipped' | 'success' = 'skipped'): StepResult {
  return { run: null, context: new OpenMap({ outputs, outcome, conclusion: outcome }, null), python: null, checkout: null, lacksArtefacts: false };
}
