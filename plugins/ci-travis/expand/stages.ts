import type { JsonObject } from '../document/value.ts';
import { isObject, wrap } from './json.ts';
import type { Judge } from './judge.ts';

/** The stages of a build, in order, and the jobs that are left in them. No stages: the description knows none. */
export interface Staged {
  readonly stages: readonly JsonObject[];
  readonly jobs: readonly JsonObject[];
}

const DEFAULT = 'test';

/**
 * Puts jobs into stages: declared ones first, then those that jobs name. A job without a stage is in that of the job before, or in "test".
 * Names differ not by case. A stage whose condition does not hold goes, with its jobs. Source: travis-yml, lib/travis/yml/configs/stages.rb.
 */
export function assignStages(config: JsonObject, jobs: readonly JsonObject[], judge: Judge): Staged {
  const declared = wrap(config['stages'] ?? []).filter(isObject);
  if (declared.length === 0 && !jobs.some((job) => typeof job['stage'] === 'string')) return { stages: [], jobs };
  const assigned = withStage(jobs, defaultName([...declared.map((stage) => stage['name']), ...jobs.map((job) => job['stage'])]));
  const all = uniqueStages([...declared, ...assigned.map((job) => ({ name: job['stage'] ?? null }))]);
  const used = new Set<string | null>(assigned.map(stageOf));
  const stages = all
    .filter((stage, index) => judge.accepts('stage', 'stages', stage['if'], config, index))
    .filter((stage) => used.has(nameOf(stage)));
  const names = new Set(stages.map(nameOf));
  return { stages, jobs: assigned.filter((job) => names.has(stageOf(job))) };
}

/** The name of the stage a job is in, in lower case. */
export function stageOf(job: JsonObject): string {
  return typeof job['stage'] === 'string' ? job['stage'].toLowerCase() : '';
}

/** The name of a stage in lower case; null if it has none. */
export function nameOf(stage: JsonObject): string | null {
  return typeof stage['name'] === 'string' ? stage['name'].toLowerCase() : null;
}

/** The name of a stage as it is written; that of the default one if there is none. */
export function titleOf(stage: JsonObject | undefined): string {
  return typeof stage?.['name'] === 'string' ? stage['name'] : DEFAULT;
}

function defaultName(names: readonly unknown[]): string {
  return names.find((name): name is string => typeof name === 'string' && name.toLowerCase() === DEFAULT) ?? DEFAULT;
}

function withStage(jobs: readonly JsonObject[], first: string): JsonObject[] {
  let stage = first;
  return jobs.map((job) => {
    if (typeof job['stage'] !== 'string') return { ...job, stage };
    stage = job['stage'];
    return job;
  });
}

function uniqueStages(stages: readonly JsonObject[]): JsonObject[] {
  const seen = new Set<string | null>();
  return stages.filter((stage) => !seen.has(nameOf(stage)) && seen.add(nameOf(stage)));
}
