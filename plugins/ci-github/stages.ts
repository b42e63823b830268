import type { JobSpec } from '#plugins/api';
import { levelsOf } from './expand/needs.ts';
import type { FilePlan, Made } from './file-plan.ts';

/** Jobs with their stages, in the order they run. */
export interface Staged {
  readonly stages: readonly string[];
  readonly jobs: readonly JobSpec[];
}

/** The levels of jobs that wait for each other, as stages with names of their own. That a job waits for a whole stage is said once. */
export function inStages(plans: readonly FilePlan[]): Staged {
  const placed = plans.flatMap(withLevels);
  const levels = [...new Set(placed.map(({ level }) => level))].toSorted((one, other) => one - other);
  const nameOf = (index: number): string => (levels.length === 1 ? 'test' : String(index + 1));
  const jobs = levels.flatMap((level, index) =>
    placed.filter((one) => one.level === level).map(({ made: { job } }): JobSpec => ({ ...job, stage: nameOf(index) })),
  );
  const waiting = placed.find(({ level }) => level > 0);
  if (levels.length > 1 && waiting !== undefined) sayStages(waiting);
  return { stages: levels.map((_, index) => nameOf(index)), jobs };
}

interface Placed {
  readonly made: Made;
  readonly level: number;
  readonly plan: FilePlan;
}

function withLevels(plan: FilePlan): Placed[] {
  const levels = levelsOf(plan.reading.needs, new Set(plan.made.map(({ run }) => run.id)));
  return plan.made.map((made) => ({ made, level: levels.get(made.run.id) ?? 0, plan }));
}

function sayStages({ made, plan }: Placed): void {
  const { path, at } = made.run.part;
  const text = 'Jobs that need others wait for all jobs of the stage before: there are stages here, and no single needs.';
  plan.reading.report.info(path, at, text);
}
