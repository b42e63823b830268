import type { Planned } from './read.ts';

/** A plan as one line of JSON, line feed included. */
export function jsonLine({ file, plan }: Planned): string {
  const jobs = plan.jobs.map(({ name, stage, allowFailure, config }) => ({ name, stage, allowFailure, config }));
  return `${JSON.stringify({ file, jobs, stages: plan.declaredStages, messages: plan.messages })}\n`;
}
