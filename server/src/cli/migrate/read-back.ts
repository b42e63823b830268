import type { CiPlan, JobSpec } from '#plugins/api';
import { entryOf } from './entries.ts';

/**
 * What our own reader makes of a migrated file that the plan it was made from does not say, or the other way round: a half sentence for each, none where all is kept. Names of jobs may
 * differ, and jobs that are the same in all but their names count once. Pure.
 */
export function lossesOf(plan: CiPlan, again: CiPlan): string[] {
  const wrong = again.messages.flatMap(({ level, text }) => (level === 'error' ? [`our own reader refuses this file: ${text}`] : []));
  if (wrong.length > 0) return wrong;
  const [wanted, found] = [byEssence(plan.jobs, plan.stages), byEssence(again.jobs, plan.stages)];
  const missing = [...wanted].flatMap(([essence, { name }]) => (found.has(essence) ? [] : [name]));
  const added = [...found].flatMap(([essence, { name }]) => (wanted.has(essence) ? [] : [name]));
  return [
    ...(missing.length > 0 ? [`as this file stands, these jobs come out otherwise, or not at all: ${missing.join(', ')}`] : []),
    ...(added.length > 0 ? [`as this file stands, these jobs are others than there were: ${added.join(', ')}`] : []),
    ...(again.fastFinish === plan.fastFinish ? [] : ['as this file stands, when the verdict is given is different']),
  ];
}

/** Jobs by all that a migration must keep. */
function byEssence(jobs: readonly JobSpec[], stages: readonly string[]): Map<string, JobSpec> {
  return new Map(jobs.map((job) => [JSON.stringify(Object.entries(entryOf(job, stages).keys)), job]));
}
