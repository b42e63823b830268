import { z } from 'zod';

/** What a failed test is known for: it passed, too, at the same commit in the same job. */
export const FlakyNote = z.object({
  /** As the report has it: what somebody's tests are called, not to be trusted. */
  name: z.string(),
  /** At how many commits and jobs it did both. */
  times: z.number().int().positive(),
  /** In how many days. */
  days: z.number().int().positive(),
});
export type FlakyNote = z.infer<typeof FlakyNote>;

/** A test that has passed and failed at the same commit. */
export const FlakyTest = z.object({
  /** Module, class and function with dots between. */
  name: z.string(),
  /** At how many commits, each counted once for each job in which it did both. */
  times: z.number().int().positive(),
  /** The jobs in which it did, by name, the first five. */
  jobs: z.array(z.string()),
  /** Its newest failure of that kind. */
  last: z.object({ jobId: z.number().int().positive(), attempt: z.number().int().positive(), at: z.iso.datetime() }),
});
export type FlakyTest = z.infer<typeof FlakyTest>;

/** A project's flaky tests, worst first, the first 100. */
export const FlakyTests = z.object({
  days: z.number().int().positive(),
  /** Of how many attempts the tests are known one by one. */
  runs: z.number().int().nonnegative(),
  /** Of how many of these not all are, because there were more than 20,000. */
  cut: z.number().int().nonnegative(),
  tests: z.array(FlakyTest),
});
export type FlakyTests = z.infer<typeof FlakyTests>;

/** How long a test takes in one job. Milliseconds. */
export const SlowTest = z.object({
  name: z.string(),
  job: z.string(),
  /** The median of its last ten runs. */
  median: z.number().nonnegative(),
  /** The median of up to thirty runs before these; null where there are fewer than five. */
  before: z.number().nonnegative().nullable(),
  /** Its last runs, oldest first, at most forty. */
  samples: z.array(z.number().nonnegative()),
});
export type SlowTest = z.infer<typeof SlowTest>;

/** A project's slowest tests, each in the job in which it is slowest, and those that became slower; the first 50 of each. */
export const SlowTests = z.object({
  days: z.number().int().positive(),
  /** Of how many attempts durations are known. */
  runs: z.number().int().nonnegative(),
  slowest: z.array(SlowTest),
  slower: z.array(SlowTest),
});
export type SlowTests = z.infer<typeof SlowTests>;
