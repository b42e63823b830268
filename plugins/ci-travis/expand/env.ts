import type { Json, JsonObject } from '../document/value.ts';
import { isBlank, isObject, unique, wrap } from './json.ts';

/** The global part of a root's `env`; null if there is none. */
export function globalEnv(config: JsonObject): Json[] | null {
  const { env } = config;
  const given = isObject(env) ? env['global'] : undefined;
  if (Array.isArray(given)) return given;
  return given === undefined || given === null || given === false ? null : [given];
}

/**
 * Gives every job its environment as a list of entries: the global ones first, then its own. A job without an `env` gets the first entry
 * that the root has for jobs. Source: travis-yml, lib/travis/yml/matrix/env.rb.
 */
export function withEnv(config: JsonObject, jobs: readonly JsonObject[]): JsonObject[] {
  const global = globalEnv(config);
  const first = firstEnv(config);
  return jobs.map((job) => {
    const own = truthy(job['env']) ? asList(job['env']) : null;
    const env = own ?? (first === null ? null : [first]);
    if (global === null) return env === null ? job : { ...job, env };
    return { ...job, env: unique([...global, ...(env ?? [])]) };
  });
}

function truthy(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && value !== false;
}

function asList(env: Json): Json[] {
  if (Array.isArray(env)) return env.flatMap(asList);
  if (!isObject(env)) return [env];
  const { global: _, ...own } = env;
  return isBlank(own) ? [] : [own];
}

function firstEnv(config: JsonObject): Json | null {
  const { env } = config;
  const entries = Array.isArray(env) ? env : isObject(env) && env['jobs'] !== undefined ? wrap(env['jobs']) : [];
  return entries[0] ?? null;
}
