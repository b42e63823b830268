import type { BuildSummary, BuildView, JobSummary } from '#server/api';

/** A build after news of its own state. */
export function withSummary(build: BuildView, news: BuildSummary): BuildView {
  return { ...build, ...news };
}

/** Whether the build has other jobs now than those we have, or ended without any: its view must be read again. */
export function hasOtherJobs(build: BuildView, news: BuildSummary): boolean {
  const total = Object.values(news.counts).reduce((sum, jobs) => sum + jobs, 0);
  return total !== build.jobs.length || (total === 0 && news.state !== build.state);
}

/** A build after news of one job: in its place, or added. */
export function withJob(build: BuildView, job: JobSummary): BuildView {
  const isKnown = build.jobs.some((known) => known.id === job.id);
  const jobs = isKnown ? build.jobs.map((known) => (known.id === job.id ? job : known)) : [...build.jobs, job];
  return { ...build, jobs };
}

/** Whether a build that is done can run again: one without jobs has nothing to, and what nobody approved is not run. */
export function canRestart({ jobs, trust }: Pick<BuildView, 'jobs' | 'trust'>): boolean {
  return jobs.length > 0 && trust.level !== 'held' && trust.level !== 'refused';
}

/** A stage and its jobs, in the order they run. */
export interface Stage {
  name: string;
  jobs: JobSummary[];
}

/** A build's stages that have jobs; a job of a stage that is not listed gets one of its own, at the end. */
export function stagesOf(build: Pick<BuildView, 'stages' | 'jobs'>): Stage[] {
  const names = [...new Set([...build.stages, ...build.jobs.map((job) => job.stage)])];
  return names.map((name) => ({ name, jobs: build.jobs.filter((job) => job.stage === name) })).filter((stage) => stage.jobs.length > 0);
}
