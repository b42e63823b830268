import { partOf, type Part, type PlacedText, textsOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

type Job = Part & { readonly key: string };

/** The jobs that one waits for. */
export function needsOf(job: Part, report: Report): PlacedText[] {
  return textsOf(partOf(job, 'needs'), report);
}

/** How many jobs one waits for that wait for each other: 0 for those that wait for none. A job that waits for itself or for one that is not there has an error. */
export function levelsOf(jobs: readonly Job[], report: Report): Map<string, number> {
  const byId = new Map(jobs.map((job) => [job.key, job]));
  const levels = new Map<string, number>();
  for (const job of jobs) levelOf(job, byId, levels, new Set(), report);
  return levels;
}

function levelOf(job: Job, byId: ReadonlyMap<string, Job>, levels: Map<string, number>, waiting: ReadonlySet<string>, report: Report): number {
  const known = levels.get(job.key);
  if (known !== undefined) return known;
  if (waiting.has(job.key)) {
    report.error(job.path, job.at, `The job ${job.key} waits for itself.`);
    levels.set(job.key, 0);
    return 0;
  }
  const others = new Set([...waiting, job.key]);
  let level = 0;
  for (const { text, path, at } of needsOf(job, report)) {
    const needed = byId.get(text);
    if (needed === undefined) report.error(path, at, `There is no job "${text}".${didYouMean(text, [...byId.keys()])}`);
    else level = Math.max(level, levelOf(needed, byId, levels, others, report) + 1);
  }
  levels.set(job.key, level);
  return level;
}
