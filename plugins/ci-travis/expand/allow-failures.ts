import type { Json, JsonObject } from '../document/value.ts';
import { globalEnv } from './env.ts';
import { canonical, isObject, without, wrap } from './json.ts';
import type { Judge } from './judge.ts';

/**
 * Marks the jobs that `allow_failures` names: all keys of one of its entries equal the job's; `env` without the global part; `branch` is the
 * branch being built. Source: travis-yml, lib/travis/yml/configs/allow_failures.rb.
 */
export function allowFailures(config: JsonObject, jobs: readonly JsonObject[], judge: Judge): JsonObject[] {
  const { jobs: given } = config;
  const rules = isObject(given) ? wrap(given['allow_failures'] ?? []).filter(isObject) : [];
  const marked = jobs.map((job) => ({ ...job }));
  const environments = marked.map((job) => environmentOf(config, job['env'] ?? null));
  for (const rule of rules) {
    marked.forEach((job, index) => {
      if (!applies(rule, job, environments[index] ?? null, judge)) return;
      if (judge.accepts('allow_failure', 'jobs.allow_failures', rule['if'], job, index)) job['allow_failure'] = true;
    });
  }
  return marked;
}

/** The environment of a job, put together once: each rule may ask for all of it. */
interface Environment {
  readonly global: readonly Json[];
  /** Without the global part. */
  readonly own: readonly Json[];
  readonly ownText: string;
}

/** Null: the job has none. */
function environmentOf(config: JsonObject, env: Json): Environment | null {
  if (!Array.isArray(env)) return null;
  const global = globalEnv(config) ?? [];
  const own = without(env, global);
  return { global, own, ownText: canonical(own) };
}

function applies(rule: JsonObject, job: JsonObject, environment: Environment | null, judge: Judge): boolean {
  return Object.entries(rule).every(([key, value]) => {
    if (key === 'if') return true;
    if (key === 'branch') return judge.branch === value;
    if (key === 'env') return isEnv(environment, value);
    return canonical(job[key]) === canonical(value);
  });
}

function isEnv(environment: Environment | null, wanted: Json): boolean {
  if (environment === null) return false;
  const { global, own, ownText } = environment;
  if (ownText === canonical(wanted)) return true;
  // What is wanted besides must be global: where nothing is, there is no need to look.
  if (global.length === 0) return false;
  const others = without(wrap(wanted), own);
  return others.length > 0 && without(others, global).length === 0;
}
