import type { CiPlan, JobSpec } from '#plugins/api';

/** A plan that comes of several files. */
export interface JoinedPlan {
  readonly files: readonly string[];
  readonly plan: CiPlan;
}

/**
 * Adds to a plan another description's jobs on systems on which the plan has none. The other's stages go beside the first's: its first with the first, and so on, so that nobody
 * waits for another service's jobs. Unchanged where the other has nothing to add, or cannot be read.
 */
export function joinPlans(joined: JoinedPlan, other: { readonly file: string; readonly plan: CiPlan }): JoinedPlan {
  const { plan, files } = joined;
  const systems = new Set(plan.jobs.map(systemOf));
  const added = other.plan.jobs.filter((job) => !systems.has(systemOf(job)));
  if (added.length === 0 || plan.jobs.length === 0) return joined;
  const stages = Array.from({ length: Math.max(plan.stages.length, other.plan.stages.length) }, (_, index) => plan.stages[index] ?? `${index + 1}`);
  const stageOf = (job: JobSpec): string => stages[other.plan.stages.indexOf(job.stage)] ?? stages[0] ?? job.stage;
  const names = new Set(plan.jobs.map(({ name }) => name));
  const renamed = added.map((job) => ({ ...job, stage: stageOf(job), name: names.has(job.name) ? `${job.name} · ${systemOf(job)}` : job.name }));
  const system = [...new Set(added.map(systemOf))].join(' and ');
  const text = `${other.file} adds ${added.length === 1 ? 'the job' : `the ${added.length} jobs`} on ${system}.`;
  return {
    files: [...files, other.file],
    plan: {
      ...plan,
      jobs: [...plan.jobs, ...renamed],
      stages,
      messages: [...plan.messages, ...other.plan.messages, { level: 'info', text, path: '', line: null, column: null }],
    },
  };
}

function systemOf({ requirements }: JobSpec): string {
  return requirements.system;
}
