import type { JobSpec } from '#plugins/api';
import type { Json, JsonObject } from '../document/value.ts';
import { canonical, isObject, without } from '../expand/json.ts';
import { LANGUAGE_AXES } from '../schema/languages.ts';

/** Keys that tell jobs apart where they differ, but for the language's own and `env`. */
const TELLING = ['language', 'os', 'arch', 'dist', 'compiler', 'osx_image'];

/** Those of the keys above in which the jobs of a build that have them differ. */
export function distinguishing(jobs: readonly JsonObject[]): string[] {
  return TELLING.filter((key) => new Set(jobs.flatMap((job) => (job[key] === undefined ? [] : [canonical(job[key])]))).size > 1);
}

/** A job's name: its own if it has one, else what tells it apart: `3.6 · osx · TOXENV=py36`. */
export function jobName(job: JsonObject, differing: readonly string[], global: readonly Json[]): string {
  if (typeof job['name'] === 'string' && job['name'] !== '') return job['name'];
  const { column, row } = describeCell(job, differing, global);
  return row === '' ? column : `${column} · ${row}`;
}

/** Where a job stands in the picture of the matrix: its interpreter across, all else that tells it apart down. */
export function describeCell(job: JsonObject, differing: readonly string[], global: readonly Json[]): JobSpec['cell'] {
  const runtimes = LANGUAGE_AXES.filter((key) => typeof job[key] === 'string');
  const [first] = runtimes;
  const others = runtimes.slice(1).map((key) => `${key}: ${text(job[key])}`);
  const telling = differing.filter((key) => job[key] !== undefined && job[key] !== null).map((key) => text(job[key]));
  const language = text(job['language']) || 'default';
  const column = first === undefined ? language : text(job[first]);
  const row = [...others, ...telling.filter((part) => part !== column), ...ownName(job), ...envText(job, global)];
  return { column, row: row.join(' · ') };
}

function ownName(job: JsonObject): string[] {
  return typeof job['name'] === 'string' && job['name'] !== '' ? [job['name']] : [];
}

function envText(job: JsonObject, global: readonly Json[]): string[] {
  const { env } = job;
  const parts = (Array.isArray(env) ? without(env, global) : []).flatMap((entry) =>
    isObject(entry)
      ? Object.entries(entry).map(([name, value]) => (name === 'secure' || isObject(value) ? `${name}=[secure]` : `${name}=${text(value)}`))
      : [],
  );
  return parts.length === 0 ? [] : [parts.join(' ')];
}

function text(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
