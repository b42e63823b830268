import type { CiPlan, Command, JobSpec } from '#plugins/api';

/**
 * A plan as a person would write it down: commands that are the work of a machine in short, and jobs that ask nothing in a machine, which our own format cannot say: what they would have found
 * out runs as one job. Pure.
 */
export function asWritten(plan: CiPlan): CiPlan {
  const jobs = plan.jobs.map((job) => shortly(withoutAsking(job)));
  const used = new Set(jobs.map(({ stage }) => stage));
  return { ...plan, jobs, stages: plan.stages.filter((stage) => used.has(stage)) };
}

function withoutAsking({ plans, ...job }: JobSpec): JobSpec {
  if (plans === undefined) return job;
  const last = job.program.phases.length - 1;
  const phases = job.program.phases.map((phase, index) => (index === last ? { ...phase, commands: [{ run: plans.otherwise }] } : phase));
  return { ...job, stage: plans.stage, program: { ...job.program, phases } };
}

function shortly(job: JobSpec): JobSpec {
  const unneeded = new Set(job.program.phases.flatMap(({ commands }) => commands.flatMap(({ written }) => written?.unneeded ?? [])));
  const phases = job.program.phases.map((phase) => ({ ...phase, commands: phase.commands.filter(isWritten).map(shortCommand) }));
  return { ...job, variables: job.variables.filter(({ name }) => !unneeded.has(name)), program: { ...job.program, phases } };
}

function isWritten({ written }: Command): boolean {
  return written?.run !== '';
}

function shortCommand({ written, ...command }: Command): Command {
  if (written === undefined) return command;
  return { ...command, run: written.run, ...(written.shell === undefined ? {} : { shell: written.shell }) };
}
