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
  for (const rule of rules) {
    marked.forEach((job, index) => {
      if (!applies(config, rule, job, judge)) return;
      if (judge.accepts('allow_failure', 'jobs.allow_failures', rule['if'], job, index)) job['allow_failure'] = true;
    });
  }
  return marked;
}

function applies(config: JsonObject, rule: JsonObject, job: JsonObject, judge: Judge): boolean {
  return Object.entries(rule).every(([key, value]) => {
    if (key === 'if') return true;
    if (key === 'branch') return judge.branch === value;
    if (key === 'env') return isEnv(config, job['env'] ?? null, value);
    return canonical(job[key]) === canonical(value);
  });
}

function isEnv(config: JsonObject, env: Json, wanted: Json): boolean {
  if (!Array.isArray(env)) return false;
  const global = globalEnv(config) ?? [];
  const own = without(env, global);
  if (canonical(own) === canonical(wanted)) return true;
  const others = without(wrap(wanted), own);
  return others.length > 0 && without(others, global).length === 0;
}
