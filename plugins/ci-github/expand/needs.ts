import type { JobBudget } from '#plugins/kit/job-budget';
import { partOf, type Part, type PlacedText, textsOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

/** Where levels say what is wrong, and what looking for it may cost. */
interface Looking {
  readonly budget: JobBudget;
  readonly report: Report;
}

type Job = Part & { readonly key: string };

/** The jobs that one waits for. */
export function needsOf(job: Part, report: Report): PlacedText[] {
  return textsOf(partOf(job, 'needs'), report);
}

/** How many jobs one waits for that wait for each other: 0 for those that wait for none. A job that waits for itself or for one that is not there has an error. Throws `TooMuch`. */
export function levelsOf(jobs: readonly Job[], looking: Looking): Map<string, number> {
  const byId = new Map(jobs.map((job) => [job.key, job]));
  const levels = new Map<string, number>();
  for (const job of jobs) levelOf(job, byId, levels, new Set(), looking);
  return levels;
}

function levelOf(job: Job, byId: ReadonlyMap<string, Job>, levels: Map<string, number>, waiting: ReadonlySet<string>, looking: Looking): number {
  const { budget, report } = looking;
  const known = levels.get(job.key);
  if (known !== undefined) return known;
  if (waiting.has(job.key)) {
    report.error(job.path, job.at, `The job ${job.key} waits for itself.`);
    levels.set(job.key, 0);
    return 0;
  }
  budget.work(1 + waiting.size / 10);
  const others = new Set([...waiting, job.key]);
  let level = 0;
  for (const { text, path, at } of needsOf(job, report)) {
    const needed = byId.get(text);
    if (needed === undefined) {
      budget.work(byId.size);
      report.error(path, at, `There is no job "${text}".${didYouMean(text, [...byId.keys()])}`);
    } else level = Math.max(level, levelOf(needed, byId, levels, others, looking) + 1);
  }
  levels.set(job.key, level);
  return level;
}
