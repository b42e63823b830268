import type { Json, JsonObject } from '../document/value.ts';
import { globalEnv } from './env.ts';
import { canonical, flatten, isObject, without, wrap } from './json.ts';
import type { Judge } from './judge.ts';

/**
 * Whether `exclude` names a job: all keys of one of its entries are equal to the job's; `env` as a whole, without the global part. Source:
 * travis-yml, lib/travis/yml/matrix/exclude.rb.
 */
export function isExcluded(config: JsonObject, job: JsonObject, judge: Judge): boolean {
  const { jobs } = config;
  const rules = isObject(jobs) ? flatten(wrap(jobs['exclude'] ?? [])).filter(isObject) : [];
  // Each rule may ask for the whole environment, which may be large.
  let env: string | null = null;
  const ownText = (): string => (env ??= canonical(ownEnv(config, job)));
  return rules.filter((rule) => judge.accepts('exclude', 'jobs.exclude', rule['if'], job)).some((rule) => applies(rule, job, ownText));
}

function applies(rule: JsonObject, job: JsonObject, ownText: () => string): boolean {
  return Object.entries(rule).every(([key, value]) => {
    if (key === 'if') return true;
    if (key === 'env') return ownText() === canonical(value);
    if (key === 'stage') return isStage(job['stage'], value);
    return canonical(wrap(job[key] ?? null)) === canonical(wrap(value));
  });
}

function ownEnv(config: JsonObject, job: JsonObject): Json {
  const { env } = job;
  return Array.isArray(env) ? without(env, globalEnv(config) ?? []) : null;
}

function isStage(stage: Json | undefined, name: Json): boolean {
  if (stage === undefined || stage === null) return typeof name === 'string' && name.toLowerCase() === 'test';
  return stage === name;
}
