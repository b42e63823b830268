import type { CiPlan, JobSpec } from '#plugins/api';
import type { Description } from './description.ts';
import type { Placed } from './fields.ts';
import { checkGroup, checkUnused, entryGroup, type Group, hasMatrix, rootGroup, size, textLength } from './group.ts';
import { combine, type Job, nameOf, toSpec } from './jobs.ts';
import { matches } from './match.ts';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import type { Report } from '#plugins/kit/yaml/report';
import { stagesOf } from './stages.ts';
import type { Matcher } from './values.ts';

/** A job on its way: with the name and stage it has in the end. */
interface Named {
  readonly job: Job;
  readonly name: string;
  readonly stage: string;
}

/** Turns a description that was read without errors into jobs. More than `maximumJobs` are refused with a message. Pure but for `report`. */
export function plan(root: Description, maximumJobs: number, report: Report): Omit<CiPlan, 'messages'> {
  const declaredStages = (root.stages ?? []).map(({ value }) => value);
  const fastFinish = root['fast-finish'] ?? false;
  const budget = new JobBudget(maximumJobs);
  const nothing = { jobs: [], stages: [], declaredStages, fastFinish };
  const groups = withinBudget<Group[] | null>(
    () => groupsWithin(budget, root, report),
    null,
    (problem) => report.error('', null, problem),
  );
  if (groups === null) return nothing;
  const stages = stagesOf(groups, root.stages, report);
  if (report.failed) return nothing;
  const named = withNames(remaining(groups, root, stages.of, report), stages.of);
  if (named.length === 0) report.error('exclude', null, 'There is no job left: everything is excluded.');
  const jobs = inOrder(specs(named, root['allow-failures'] ?? [], report), stages.names);
  const used = stages.names.filter((stage) => jobs.some((job) => job.stage === stage));
  return { jobs: report.failed ? [] : jobs, stages: used, declaredStages, fastFinish };
}

/** Looks before anything is built: the product of a few lists may be more than fits into memory. Throws `TooMuch`. */
function groupsWithin(budget: JobBudget, root: Description, report: Report): Group[] {
  // Each entry gets a copy of the variables, and may be compared with each stage.
  budget.work((root.jobs ?? []).length * ((root.variables?.size ?? 0) + (root.stages ?? []).length));
  const groups = groupsOf(root, report);
  const rules = (root.exclude ?? []).length + (root['allow-failures'] ?? []).length;
  for (const group of groups) {
    const count = size(group);
    budget.jobs(count);
    const { install, test, after, variables, bundles, licenses } = group;
    const lines = install.length + test.length + after.length + variables.size + bundles.length + licenses.length;
    budget.work(count * (1 + rules + lines));
    budget.text(count * textLength(group));
  }
  return groups;
}

function groupsOf(root: Description, report: Report): Group[] {
  const base = rootGroup(root);
  const entries = (root.jobs ?? []).map((entry) => entryGroup(base, entry));
  const groups = hasMatrix(root) ? [base, ...entries] : entries;
  for (const group of groups) checkGroup(group, report);
  checkUnused(root, groups, report);
  return groups;
}

/** All jobs but those of the matrix that are excluded. */
function remaining(groups: readonly Group[], root: Description, stageOf: (group: Group) => string, report: Report): Job[] {
  const jobs = groups.flatMap((group) => combine(group));
  const exclude = root.exclude ?? [];
  const isExcluded = (job: Job, { value }: Placed<Matcher>): boolean =>
    job.group.origin.path === '' && matches(value, job, nameOf(job), stageOf(job.group));
  for (const one of exclude)
    warnIfIdle(
      one,
      jobs.some((job) => isExcluded(job, one)),
      'job of the matrix',
      report,
    );
  return jobs.filter((job) => !exclude.some((one) => isExcluded(job, one)));
}

function warnIfIdle({ path, at, value }: Placed<Matcher>, isUsed: boolean, what: string, report: Report): void {
  if (Object.keys(value).length === 0) report.error(path, at, 'This says nothing, so it would mean every job. Say which.');
  else if (!isUsed) report.warning(path, at, `No ${what} is like this.`);
}

/** Gives each job a name of its own: what would be the same gets a number. */
function withNames(jobs: readonly Job[], stageOf: (group: Group) => string): Named[] {
  const taken = new Map<string, number>();
  return jobs.map((job) => {
    const name = nameOf(job);
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { job, name: times === 1 ? name : `${name} (${times})`, stage: stageOf(job.group) };
  });
}

function specs(named: readonly Named[], allowed: readonly Placed<Matcher>[], report: Report): JobSpec[] {
  const isMeant = ({ job, name, stage }: Named, one: Placed<Matcher>): boolean => matches(one.value, job, name, stage);
  for (const one of allowed)
    warnIfIdle(
      one,
      named.some((job) => isMeant(job, one)),
      'job',
      report,
    );
  return named.map((one) => toSpec(one.job, one.name, one.stage, one.job.group.allowFailure || allowed.some((matcher) => isMeant(one, matcher))));
}

/** By stage, otherwise as they were. */
function inOrder(jobs: readonly JobSpec[], stages: readonly string[]): JobSpec[] {
  return stages.flatMap((stage) => jobs.filter((job) => job.stage === stage));
}
