import type { JobSpec } from '#plugins/api';
import { type BuildState, isVerdict } from '#server/api';
import { decideBuild } from '../../builds/decide-build.ts';
import { JobOutput } from './job-output.ts';
import type { Reporter, RunJob } from './reporter.ts';
import { type JobSource, runJob, whyUnavailable } from './run-job.ts';
import type { Workshop } from './workshop.ts';

/** How a run goes about its jobs. */
export interface RunOptions {
  readonly stages: readonly string[];
  readonly fastFinish: boolean;
  /** Whether a job that another has found out is wanted, by its name. */
  readonly wanted: (name: string) => boolean;
  /** Begin jobs even after a required one has failed. */
  readonly keepGoing: boolean;
}

/** Runs all jobs, stage by stage, as many at once as the workshop has machines. Returns the build's state, which the reporter is told, too. */
export async function runBuild(
  workshop: Workshop,
  source: JobSource,
  given: readonly RunJob[],
  options: RunOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<BuildState> {
  const jobs = [...given];
  for (const stage of options.stages) {
    const queue = jobs.filter((job) => job.spec.stage === stage);
    const worker = async (): Promise<void> => {
      for (let job = queue.shift(); job; job = queue.shift()) await one(workshop, source, job, jobs, options, reporter, signal);
    };
    await Promise.all(Array.from({ length: Math.min(workshop.jobs, queue.length) }, worker));
  }
  await reporter.ended(jobs, verdictOf(jobs, options), options.stages);
  return verdictOf(jobs, options);
}

async function one(
  workshop: Workshop,
  source: JobSource,
  job: RunJob,
  jobs: RunJob[],
  options: RunOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const specs = jobs.map(({ spec }) => spec);
  const skip = whySkip(job, jobs, options) ?? whyUnavailable(job.spec, specs, workshop);
  if (signal.aborted) job.result = { verdict: 'canceled', reason: null };
  else if (skip !== null) job.result = { verdict: 'skipped', reason: skip };
  else await begin(workshop, source, job, reporter, signal);
  add(jobs, job.result?.planned ?? [], options);
  await reporter.jobEnded(job, jobs);
}

/** What a job has found out comes after all there are. */
function add(jobs: RunJob[], specs: readonly JobSpec[], { wanted }: RunOptions): void {
  for (const spec of specs)
    if (wanted(spec.name))
      jobs.push({ spec, position: Math.max(...jobs.map(({ position }) => position)) + 1, result: null, startedAt: null, seconds: null });
}

async function begin(workshop: Workshop, source: JobSource, job: RunJob, reporter: Reporter, signal: AbortSignal): Promise<void> {
  job.startedAt = Date.now();
  const output = new JobOutput((text) => reporter.line(job, text));
  const result = await runJob(workshop, source, job, output, signal);
  await output.end();
  job.seconds = (Date.now() - job.startedAt) / 1000;
  job.result = result;
}

/** A failed stage ends the build whatever the options say; without `keepGoing`, so does a failed required job. */
function whySkip(job: RunJob, jobs: readonly RunJob[], { stages, keepGoing }: RunOptions): string | null {
  const bad = jobs.filter((other) => !other.spec.allowFailure && other.result !== null && !['passed', 'skipped'].includes(other.result.verdict));
  if (bad.some((other) => stages.indexOf(other.spec.stage) < stages.indexOf(job.spec.stage))) return 'an earlier stage did not pass';
  return bad.length > 0 && !keepGoing ? 'another job did not pass (--keep-going runs all)' : null;
}

function verdictOf(jobs: readonly RunJob[], { stages, fastFinish }: RunOptions): BuildState {
  const outcomes = jobs.map((job) => ({
    stage: stages.indexOf(job.spec.stage),
    state: job.result !== null && isVerdict(job.result.verdict) ? job.result.verdict : 'skipped',
    allowFailure: job.spec.allowFailure,
    count: 1,
  }));
  return decideBuild(outcomes, fastFinish).state;
}
