import type { Change, JobSpec } from '#plugins/api';
import type { Report } from '#plugins/kit/yaml/report';
import type { Job } from '../expand/jobs.ts';
import type { Stages } from '../expand/stages.ts';
import type { Setting } from '../read/environment.ts';
import { configOf } from './config.ts';
import { cellOf, differing, jobName, type Differing } from './names.ts';
import { programOf } from './program.ts';
import { pythonOf } from './python.ts';
import { builtInVariables, ownVariables } from './variables.ts';

/** The jobs as what a machine needs to run them, by stage and otherwise in the same order. None, with an error, if there is no command in any of them. */
export function describeJobs(jobs: readonly Job[], stages: Stages, change: Change, report: Report): JobSpec[] {
  const differ = differing(jobs);
  const taken = new Map<string, number>();
  const specs = jobs.map((job) => describeJob(job, stages.of.get(job) ?? '', change, differ, taken));
  if (specs.every(({ program }) => program.phases.length === 0)) {
    report.error('', { line: 1, column: 1 }, 'There is no command to run. Commands that test stand under "test_script".');
    return [];
  }
  sayIdle(specs, report);
  return stages.names.flatMap((stage) => specs.filter((spec) => spec.stage === stage));
}

function describeJob(job: Job, stage: string, change: Change, differ: Differing, taken: Map<string, number>): JobSpec {
  const { row, settings } = job;
  const program = programOf(job);
  const commands = program.phases.flatMap((phase) => phase.commands.map(({ run }) => run));
  const python = pythonOf(row.own, withPlatform(job), { system: row.system, stack: settings.stack, commands });
  const cell = cellOf(job, python, differ);
  const name = unique(jobName(job, cell), taken);
  return {
    name,
    stage,
    allowFailure: job.allowFailure,
    config: configOf(job),
    cell,
    requirements: { system: row.system, architecture: python?.architecture ?? null, interpreter: python?.interpreter ?? null, image: null },
    variables: [...builtInVariables(job, change, name), ...ownVariables(job)],
    checkout: { depth: settings.depth, submodules: wantsSubmodules(program) },
    program,
    limits: { time: null, silence: null },
  };
}

/** The platform of the matrix is a variable of that name, too. */
function withPlatform({ row, variables }: Job): Setting[] {
  if (row.platform === null) return [...variables];
  return [...variables, { name: 'PLATFORM', value: row.platform, path: 'platform', at: { line: 1, column: 1 } }];
}

/** AppVeyor leaves submodules to the job. One that asks for them gets them with the sources, as the machine may have no way to where they are. */
function wantsSubmodules({ phases }: JobSpec['program']): boolean {
  return phases.some(({ commands }) => commands.some(({ run }) => /\bgit\s+submodule\b/.test(run)));
}

/** A name that no job has yet. `taken`: how often each was asked for, so that not all numbers are tried anew for each of many jobs of one name. */
function unique(name: string, taken: Map<string, number>): string {
  let times = taken.get(name) ?? 0;
  let result = name;
  for (; taken.has(result); result = `${name} (${times})`) times += 1;
  taken.set(result, Math.max(1, taken.get(result) ?? 0));
  taken.set(name, Math.max(1, times));
  return result;
}

function sayIdle(specs: readonly JobSpec[], report: Report): void {
  for (const { name, program } of specs) {
    if (program.phases.length === 0) report.warning('', null, `The job ${name} has nothing to run, and passes.`);
  }
}
