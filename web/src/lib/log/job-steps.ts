import type { JobState, StepView } from '#server/api';
import { isOnMachine } from '../status.ts';

/** Whether a step ended badly. */
export function isStepFailed(step: StepView): boolean {
  return step.exitCode !== null && step.exitCode !== 0;
}

/** The step that decided a job's fate: the first that failed, if the job did. One that was canceled was ended from outside: nothing failed. */
export function firstFailedStep(steps: readonly StepView[], state: JobState): StepView | null {
  if (state === 'passed' || state === 'skipped' || state === 'canceled') return null;
  return steps.find(isStepFailed) ?? null;
}

/** What people come to read, as the CI descriptions call it. */
const MAIN_PHASES = new Set(['script', 'test']);

/**
 * Whether a step is folded before anybody touches it. Failed and unfinished ones are open, and so are those people come for:
 * the commands that test, and the only step there is.
 */
export function isFoldedAtFirst(step: StepView, steps: readonly StepView[]): boolean {
  if (isStepFailed(step) || step.finishedAt === null || steps.length === 1) return false;
  return !MAIN_PHASES.has(step.phase);
}

/** A job's steps after news of one of them; null news of another attempt are none. */
export function withStep(steps: StepView[], step: StepView): StepView[] {
  const known = steps.some((candidate) => candidate.index === step.index);
  const next = known ? steps.map((candidate) => (candidate.index === step.index ? step : candidate)) : [...steps, step];
  return next.sort((a, b) => a.index - b.index);
}

/** How a step stands, in a state's look: it runs, passed or failed, or was left by a job that ended. */
export function stepState(step: StepView, job: JobState): JobState {
  if (step.exitCode !== null) return step.exitCode === 0 ? 'passed' : 'failed';
  if (step.finishedAt !== null) return 'canceled';
  return isOnMachine(job) ? 'running' : job;
}
