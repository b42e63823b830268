import type { JobSpec } from '#plugins/api';
import type { Job } from '../expand/jobs.ts';
import { isImplied, type Python } from './python.ts';

/** In which of the axes the jobs of a build differ. */
export interface Differing {
  readonly image: boolean;
  readonly platform: boolean;
  readonly configuration: boolean;
}

/** Says no more of a job than what it is called. */
const NAMES = new Set([
  'APPVEYOR_JOB_NAME',
  'JOB_NAME',
  'JOB_GROUP',
  'JOB_DEPENDS_ON',
  'JOB_ALLOW_CANCELLATION',
  'JOBS_PER_GROUP',
  'APPVEYOR_BUILD_WORKER_IMAGE',
]);

/** Looks at all jobs. */
export function differing(jobs: readonly Job[]): Differing {
  const several = (of: (job: Job) => string | null): boolean => new Set(jobs.map(of)).size > 1;
  return {
    image: several(({ row }) => row.image),
    platform: several(({ row }) => row.platform),
    configuration: several(({ row }) => row.configuration),
  };
}

/** Where a job stands in the picture of the matrix: its Python across, all else that tells it apart down. */
export function cellOf(job: Job, python: Python | null, differ: Differing): JobSpec['cell'] {
  const { row, name } = job;
  const axes = [differ.image ? row.image : null, differ.platform ? row.platform : null, differ.configuration ? row.configuration : null];
  const down = name === null ? [...axes, ownVariables(job, python)] : [name];
  return { column: python?.interpreter ?? 'none', row: down.filter((part) => part !== null && part !== '').join(' · ') };
}

/** What people call a job: its own name, or its cell. */
export function jobName({ name }: Job, { column, row }: JobSpec['cell']): string {
  if (name !== null) return name;
  return [column === 'none' && row !== '' ? '' : column, row].filter((part) => part !== '').join(' · ');
}

function ownVariables({ row }: Job, python: Python | null): string {
  return row.own
    .filter((setting) => !NAMES.has(setting.name.toUpperCase()) && !(python !== null && isImplied(setting, python)))
    .map(({ name, value }) => `${name}=${value ?? '[secure]'}`)
    .join(' ');
}
