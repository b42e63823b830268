import type { Report } from '#plugins/kit/yaml/report';
import { valueOf } from '../read/environment.ts';
import type { Job } from './jobs.ts';

const ONLY_STAGE = 'test';

/** The stage of each job, and all stages in their order. */
export interface Stages {
  readonly names: readonly string[];
  readonly of: ReadonlyMap<Job, string>;
}

/**
 * Stages from `job_depends_on`, which names a job or a `job_group`: a job is in the stage after the last one of those it depends on. It
 * waits for that whole stage, which is more than it asks for; a message says so. What names no job, or waits for itself, is an error. Source:
 * appveyor.com/docs/job-workflows.
 */
export function stagesOf(jobs: readonly Job[], report: Report): Stages {
  const levels = new Map<Job, number>();
  const called = byName(jobs);
  for (const job of jobs) levelOf(job, called, levels, new Set(), report);
  const last = [...levels.values()].reduce((most, level) => Math.max(most, level), 0);
  if (last === 0) return { names: [ONLY_STAGE], of: new Map(jobs.map((job) => [job, ONLY_STAGE])) };
  report.info(
    'environment.matrix',
    null,
    'Jobs that depend on others wait for all jobs of the stage before: there are stages here, and no single dependencies.',
  );
  const names = Array.from({ length: last + 1 }, (_, level) => String(level + 1));
  return { names, of: new Map(jobs.map((job) => [job, String((levels.get(job) ?? 0) + 1)])) };
}

function levelOf(job: Job, called: ReadonlyMap<string, readonly Job[]>, levels: Map<Job, number>, waiting: ReadonlySet<Job>, report: Report): number {
  const known = levels.get(job);
  if (known !== undefined) return known;
  const wanted = valueOf(job.row.own, 'JOB_DEPENDS_ON');
  const before = called.get(wanted?.toLowerCase() ?? '') ?? [];
  if (wanted && before.length === 0) complain(job, `No job or group of jobs is called "${wanted}".`, report);
  if (waiting.has(job)) {
    complain(job, 'This job waits for itself.', report);
    levels.set(job, 0);
    return 0;
  }
  const others = new Set([...waiting, job]);
  const level = before.reduce((last, one) => Math.max(last, levelOf(one, called, levels, others, report)), -1) + 1;
  levels.set(job, level);
  return level;
}

/** Jobs by the names of theirs and of their groups, in small letters. */
function byName(jobs: readonly Job[]): Map<string, Job[]> {
  const all = new Map<string, Job[]>();
  for (const job of jobs) {
    for (const name of new Set([valueOf(job.row.own, 'JOB_NAME'), valueOf(job.row.own, 'JOB_GROUP')])) {
      const key = name?.toLowerCase() ?? '';
      if (key !== '') all.set(key, [...(all.get(key) ?? []), job]);
    }
  }
  return all;
}

function complain({ row }: Job, text: string, report: Report): void {
  const setting = row.own.find(({ name }) => name.toUpperCase() === 'JOB_DEPENDS_ON');
  report.error(setting?.path ?? '', setting?.at ?? null, text);
}
