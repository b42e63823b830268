import type { CiPlan, JobSpec } from '#plugins/api';

/** A plan whose jobs ask nothing in a machine, which our own format cannot say: what they would have found out runs as one job. Pure. */
export function withoutAsking(plan: CiPlan): CiPlan {
  const jobs = plan.jobs.map(plainly);
  const used = new Set(jobs.map(({ stage }) => stage));
  return { ...plan, jobs, stages: plan.stages.filter((stage) => used.has(stage)) };
}

function plainly({ plans, ...job }: JobSpec): JobSpec {
  if (plans === undefined) return job;
  const last = job.program.phases.length - 1;
  const phases = job.program.phases.map((phase, index) => (index === last ? { ...phase, commands: [{ run: plans.otherwise }] } : phase));
  return { ...job, stage: plans.stage, program: { ...job.program, phases } };
}
