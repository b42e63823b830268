import type { JobBudget } from '#plugins/kit/job-budget';
import type { JsonObject } from '../document/value.ts';
import { allowFailures } from './allow-failures.ts';
import { unique } from './json.ts';
import type { Judge } from './judge.ts';
import { expandMatrix } from './matrix.ts';
import { assignStages, nameOf, stageOf, type Staged } from './stages.ts';

/**
 * All jobs of a normalized configuration, by stage, those that may fail last within it. Source: travis-yml,
 * lib/travis/yml/configs/configs.rb. Throws `TooMuch`.
 */
export function expand(config: JsonObject, judge: Judge, budget: JobBudget): Staged {
  const { stages, jobs } = assignStages(config, expandMatrix(config, judge, budget), judge);
  return { stages, jobs: unique(ordered(stages, allowFailures(config, jobs, judge))) };
}

function ordered(stages: readonly JsonObject[], jobs: readonly JsonObject[]): JsonObject[] {
  const names = stages.map(nameOf);
  const rank = (job: JsonObject): number => names.indexOf(stageOf(job)) * 2 + (isAllowed(job) ? 1 : 0);
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

function isAllowed(job: JsonObject): boolean {
  return job['allow_failure'] !== undefined && job['allow_failure'] !== null && job['allow_failure'] !== false;
}
