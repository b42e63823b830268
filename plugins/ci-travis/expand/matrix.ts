import type { JobBudget } from '#plugins/kit/job-budget';
import type { Json, JsonObject } from '../document/value.ts';
import { AXES } from '../schema/root.ts';
import { globalEnv, withEnv } from './env.ts';
import { isExcluded } from './exclude.ts';
import { flatten, isBlank, isHollow, isObject, unique, wrap } from './json.ts';
import type { Judge } from './judge.ts';
import { isEntrySupported, isKeySupported } from './support.ts';

const NOT_SHARED = new Set(['jobs', 'import', 'stages', 'notifications', 'version', 'allow_failure', 'global_env', 'merge_mode']);

/**
 * The jobs that a normalized configuration stands for, each as a configuration of its own: the product of the axes, what `include` adds, what
 * all share, without what `exclude` takes away. The steps and their order are those of travis-yml (lib/travis/yml/matrix.rb). Throws
 * `TooMuch`.
 */
export function expandMatrix(config: JsonObject, judge: Judge, budget: JobBudget): JsonObject[] {
  const axes = axesOf(config);
  const included = includedJobs(config);
  charge(config, axes, included.length, budget);
  let jobs = product(config, axes);
  if (isSuperfluous(jobs, axes, included)) jobs = [];
  jobs = [...jobs, ...included];
  const shared = sharedKeys(config);
  if (jobs.length === 0) jobs = [shared];
  const firsts = firstValues(config, axes);
  jobs = withEnv(
    config,
    jobs.map((job) => ({ ...firsts, ...shared, ...job })),
  );
  jobs = jobs.filter((job) => !isExcluded(config, job, judge));
  jobs = unique(jobs.map(withoutUnsupported));
  return jobs.filter((job) => judge.accepts('job', 'jobs.include', job['if'], job));
}

function axesOf(config: JsonObject): string[] {
  return AXES.filter((key) => !isHollow(config[key]) && isKeySupported(config, key));
}

function product(config: JsonObject, axes: readonly string[]): JsonObject[] {
  if (axes.length === 0) return [];
  const values = axes.map((key) => valuesOf(key, config[key] ?? null));
  const rows = values.reduce<Json[][]>((so, list) => so.flatMap((row) => list.map((value) => [...row, ...flatten(wrap(value))])), [[]]);
  return rows.map((row) => Object.fromEntries(axes.map((key, index) => [key, row[index] ?? null])));
}

/** Before anything is built: each job gets all that jobs share, and is compared with each rule. */
function charge(config: JsonObject, axes: readonly string[], included: number, budget: JobBudget): void {
  const sizes = axes.map((key) => valuesOf(key, config[key] ?? null).length);
  const rows = axes.length === 0 ? 0 : sizes.reduce((product, size) => product * size, 1);
  budget.jobs(rows + included);
  const { jobs } = config;
  const { include: _, ...rules } = isObject(jobs) ? jobs : {};
  for (const [index, key] of axes.entries()) {
    const { values, characters } = sizeOf(valuesOf(key, config[key] ?? null));
    // Each value of an axis is in so many rows.
    const times = rows / Math.max(1, sizes[index] ?? 1);
    budget.work(times * values);
    budget.text(times * characters);
  }
  const all = sizeOf([sharedKeys(config), globalEnv(config) ?? [], rules]);
  budget.work((rows + included) * all.values);
  budget.text((rows + included) * all.characters);
}

function sizeOf(value: Json): { readonly values: number; readonly characters: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, characters: typeof value === 'string' ? value.length : 0 };
  const inner = Object.values(value).map(sizeOf);
  return {
    values: inner.reduce((sum, one) => sum + one.values, 1),
    characters: inner.reduce((sum, one) => sum + one.characters, 0),
  };
}

function valuesOf(key: string, value: Json): Json[] {
  return wrap(key === 'env' && isObject(value) && value['jobs'] !== undefined ? value['jobs'] : value);
}

/** One row that came from axes of one value each is taken for an oversight if other jobs are listed. */
function isSuperfluous(jobs: readonly JsonObject[], axes: readonly string[], included: readonly JsonObject[]): boolean {
  const [job] = jobs;
  if (job === undefined || jobs.length !== 1 || included.length === 0) return false;
  return axes.every((key) => wrap(job[key] ?? null).length === 1);
}

/** The listed jobs; one without a stage is in that of the job before. */
function includedJobs(config: JsonObject): JsonObject[] {
  const { jobs } = config;
  const listed = isObject(jobs) ? flatten(wrap(jobs['include'] ?? [])) : [];
  let stage: Json = null;
  return listed.filter(isObject).map((job) => {
    const own = job['stage'];
    if (own !== undefined && own !== null && own !== false) stage = own;
    return own || stage === null ? job : Object.assign({}, job, { stage });
  });
}

function sharedKeys(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key, value]) => !AXES.includes(key) && !NOT_SHARED.has(key) && !isBlank(value)));
}

function firstValues(config: JsonObject, axes: readonly string[]): JsonObject {
  return Object.fromEntries(axes.filter((key) => key !== 'env').map((key) => [key, wrap(config[key] ?? null)[0] ?? null]));
}

function withoutUnsupported(job: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(job).filter(([key, value]) => isEntrySupported(job, key, value)));
}
