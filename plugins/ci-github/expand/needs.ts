import type { JobBudget } from '#plugins/kit/job-budget';
import { partOf, type Part, textsOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

/** The ids of the jobs that each one waits for, in an order in which it comes after all of them. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** Where needs say what is wrong, and what looking for it may cost. */
interface Looking {
  readonly budget: JobBudget;
  readonly report: Report;
}

type Job = Part & { readonly key: string };

/** Reads `needs` of all jobs. A job that waits for itself or for one that is not there has an error. Throws `TooMuch`. */
export function readNeeds(jobs: readonly Job[], looking: Looking): Needs {
  const byId = new Map(jobs.map((job) => [job.key, job]));
  const needs = new Map<string, readonly string[]>();
  for (const job of jobs) follow(job, byId, needs, new Set(), looking);
  return needs;
}

/**
 * How many of the jobs that are `there` one waits for that wait for each other: 0 for those that wait for none. One that is not there is not waited for, but what it needs is. Pure.
 */
export function levelsOf(needs: Needs, there: ReadonlySet<string>): Map<string, number> {
  const levels = new Map<string, number>();
  for (const [id, needed] of needs) {
    levels.set(
      id,
      needed.reduce((level, other) => Math.max(level, (levels.get(other) ?? 0) + (there.has(other) ? 1 : 0)), 0),
    );
  }
  return levels;
}

function follow(
  job: Job,
  byId: ReadonlyMap<string, Job>,
  needs: Map<string, readonly string[]>,
  waiting: ReadonlySet<string>,
  { budget, report }: Looking,
): void {
  if (needs.has(job.key)) return;
  if (waiting.has(job.key)) {
    report.error(job.path, job.at, `The job ${job.key} waits for itself.`);
    needs.set(job.key, []);
    return;
  }
  budget.work(1 + waiting.size / 10);
  const others = new Set([...waiting, job.key]);
  const own: string[] = [];
  for (const { text, path, at } of textsOf(partOf(job, 'needs'), report)) {
    own.push(text);
    const needed = byId.get(text);
    if (needed === undefined) {
      budget.work(byId.size);
      report.error(path, at, `There is no job "${text}".${didYouMean(text, [...byId.keys()])}`);
    } else follow(needed, byId, needs, others, { budget, report });
  }
  needs.set(job.key, own);
}
