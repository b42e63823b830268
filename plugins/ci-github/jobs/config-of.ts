import type { JobSpec } from '#plugins/api';
import { jsonRecord } from '#plugins/kit/json-record';
import { partOf } from '#plugins/kit/yaml/part';
import type { Tree } from '#plugins/kit/yaml/tree';
import type { Setting } from '../expand/environment.ts';
import type { JobRun } from '../expand/job-run.ts';
import { isList, isMap, type Value } from '../expressions/value.ts';
import type { Runner } from './runs-on.ts';

type Json = JobSpec['config'][string];

/** A job in the words of the format, with its matrix and variables worked out. */
export function configOf({ workflow, id, row, part }: JobRun, { labels }: Runner, settings: readonly Setting[]): JobSpec['config'] {
  const env = settings.map(({ name, parts }): [string, string] => [name, parts.map((one) => (typeof one === 'string' ? one : '${{ … }}')).join('')]);
  const steps = partOf(part, 'steps');
  const all: Record<string, Json> = {
    workflow: workflow.file,
    job: id,
    'runs-on': labels.length === 1 ? (labels[0] ?? null) : [...labels],
    matrix: row.size === 0 ? null : jsonOf(row),
    env: settings.length === 0 ? null : jsonRecord(env),
    steps: steps === null ? null : treeJson(steps.tree),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function jsonOf(value: Value): Json {
  if (isMap(value)) return jsonRecord([...value].map(([key, inner]) => [key, jsonOf(inner)]));
  if (isList(value)) return value.map(jsonOf);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function treeJson(tree: Tree): Json {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'list') return tree.items.map(treeJson);
  if (tree.kind === 'empty') return null;
  return jsonRecord(tree.entries.map(({ key, value }) => [key, treeJson(value)]));
}
