import type { Change, JobSpec } from '#plugins/api';
import type { MessageLog } from '../document/messages.ts';
import type { JsonObject } from '../document/value.ts';
import { globalEnv } from '../expand/env.ts';
import { isObject } from '../expand/json.ts';
import { nameOf, stageOf, titleOf, type Staged } from '../expand/stages.ts';
import type { Config } from '../read-config.ts';
import { describeCell, distinguishing, jobName } from './names.ts';
import { programOf } from './program.ts';
import { sayToxPythons } from './python.ts';
import { requirementsOf } from './requirements.ts';
import { sayWhatIsLeftOut } from './left-out.ts';
import { systemWishes } from './system.ts';
import { builtInVariables, ownVariables } from './variables.ts';

/** All that jobs are described from. */
export interface Plan {
  readonly staged: Staged;
  readonly config: Config;
  readonly change: Change;
  readonly defaultPython: string;
  readonly log: MessageLog;
}

/** The expanded jobs as what a machine needs to run them, in the same order. */
export function describeJobs(plan: Plan): JobSpec[] {
  const { jobs } = plan.staged;
  sayWhatIsLeftOut(jobs, plan.log);
  sayToxPythons(jobs, plan.log);
  const differing = distinguishing(jobs);
  const global = globalEnv(plan.config.root) ?? [];
  const taken = new Map<string, number>();
  return jobs.map((job) => {
    const name = jobName(job, differing, global);
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return describeJob(plan, job, times === 1 ? name : `${name} (${times})`, describeCell(job, differing, global));
  });
}

function describeJob(plan: Plan, job: JsonObject, name: string, cell: JobSpec['cell']): JobSpec {
  const stage = stageName(plan.staged, job);
  const requirements = requirementsOf(job, plan.defaultPython);
  return {
    name,
    stage,
    allowFailure: job['allow_failure'] === true,
    config: job,
    cell,
    requirements,
    variables: [...builtInVariables({ job, change: plan.change, stage, interpreter: plan.defaultPython }), ...ownVariables(job, plan.log)],
    checkout: checkoutOf(job, plan.config.clones),
    program: programOf(job),
    ...systemWishes(job, plan.log),
    limits: { time: null, silence: null },
  };
}

function stageName(staged: Staged, job: JsonObject): string {
  const stage = staged.stages.find((one) => nameOf(one) === stageOf(job));
  return titleOf(stage);
}

/** `git:`: how much of the repository is fetched. Travis fetches 50 commits, and the submodules. */
function checkoutOf(job: JsonObject, clones: boolean): JobSpec['checkout'] {
  if (!clones) return null;
  const git = isObject(job['git']) ? job['git'] : {};
  const { depth } = git;
  const wanted = typeof depth === 'number' && Number.isInteger(depth) && depth > 0 ? depth : 50;
  return { depth: depth === false ? null : wanted, submodules: git['submodules'] !== false };
}
