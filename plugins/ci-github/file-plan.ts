import type { JobRun } from './expand/job-run.ts';
import { namesOf, runsTests, saysTests } from './expand/tests.ts';
import { type BuildFacts, describeJob, type Unstaged } from './jobs/describe-job.ts';
import type { Reading } from './reading.ts';

/** A job that runs here. */
export interface Made {
  readonly run: JobRun;
  readonly job: Unstaged;
}

/** What a file comes to here. */
export interface FilePlan {
  readonly reading: Reading;
  /** None where anything in the file must be mended: GitHub runs nothing of it either. */
  readonly made: readonly Made[];
  readonly losesTests: boolean;
}

/** What counts of a plan. */
export interface Verdict {
  /** Something must be mended before anything can run. */
  readonly isFailed: boolean;
  /** Whatever else describes the project is to be asked. */
  readonly isSilent: boolean;
}

/** Describes the jobs of a file. Throws `TooMuch`. */
export function planFile(reading: Reading, build: BuildFacts): FilePlan {
  const { runs, report } = reading;
  if (report.failed) return { reading, made: [], losesTests: false };
  const all = runs.map((run) => ({ run, job: describeJob(run, build, report) }));
  if (report.failed) return { reading, made: [], losesTests: false };
  const made = all.flatMap(({ run, job }) => (typeof job === 'string' ? [] : [{ run, job }]));
  const undone = all.some(({ run, job }) => job === 'undone' && runsTests({ ...run.part, key: run.id }));
  return { reading, made, losesTests: undone || reading.lost.size > 0 };
}

/**
 * What the files come to together. One that cannot be read is told, and the others count; what is wrong in the jobs of one fails the plan, unless another says how this change is tested.
 * Where tests are lost, and none are run, whatever else describes the project is asked: a build without a test must not look like success. So it is where nothing is run, and no condition
 * or filter says that this change is not to be tested. Pure.
 */
export function verdictOf(plans: readonly FilePlan[]): Verdict {
  const right = plans.filter(({ reading }) => !reading.report.failed);
  const wrong = plans.flatMap(({ reading }) => (reading.report.failed ? [reading] : []));
  const tests = right.some(({ made, reading }) => made.some((one) => isTest(one, reading)));
  const losesTests = right.some((plan) => plan.losesTests);
  const holdsBack = right.some(({ reading }) => reading.holdsBack);
  const isFailed = right.length === 0 || wrong.some(({ isTooMuch, isReadable }) => isTooMuch || (isReadable && !tests && !losesTests));
  const isUnknown = wrong.length > 0 || right.some(({ reading }) => reading.isUnknown);
  const isIdle = !holdsBack && (isUnknown || right.every(({ made }) => made.length === 0));
  return { isFailed, isSilent: !isFailed && !tests && (losesTests || isIdle) };
}

/** Whether a job runs tests, as what it runs says; its names are asked as well, if nothing of its tests is lost. */
function isTest({ run, job }: Made, { lost }: Reading): boolean {
  const titles = job.program.phases.flatMap(({ commands }) => commands.flatMap(({ title }) => title ?? []));
  return titles.some(saysTests) || (!lost.has(run.id) && namesOf({ ...run.part, key: run.id }).some(saysTests));
}
