import type { JobSpec } from '#plugins/api';
import { jsonRecord } from '#plugins/kit/json-record';
import type { Job } from '../expand/jobs.ts';
import type { ScriptEntry } from '../read/scripts.ts';

type Json = JobSpec['config'][string];

/** A job in the words of the format, with everything that holds for it: what a person would have to write for it alone. */
export function configOf({ row, settings, variables, allowFailure }: Job): JobSpec['config'] {
  const environment = jsonRecord(variables.map(({ name, value }): [string, string] => [name, value ?? '[secure]']));
  const all: Record<string, Json> = {
    image: row.image,
    platform: row.platform,
    configuration: row.configuration,
    environment: variables.length === 0 ? null : environment,
    stack: settings.stack,
    clone_depth: settings.depth,
    ...Object.fromEntries([...settings.scripts].map(([name, entries]) => [name, entries.length === 0 ? null : entries.map(scriptOf)])),
    artifacts: settings.artifacts,
    allow_failure: allowFailure ? true : null,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function scriptOf(entry: ScriptEntry): Json {
  return entry.for === 'any' ? entry.text : { [entry.for]: entry.text };
}
