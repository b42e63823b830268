import { z } from 'zod';

/** A test that did not pass. All of it is what the job wrote: not to be trusted. */
export const FailedTest = z.object({
  /** As its runner names it. */
  name: z.string(),
  /** `errored`: something else went wrong than what it tests for. */
  outcome: z.enum(['failed', 'errored']),
  /** Where, as a path in the repository; null where that is not known. */
  file: z.string().nullable(),
  /** From 1; null where it is not known. */
  line: z.number().int().positive().nullable(),
  /** What was wrong, at most 30 lines. */
  message: z.string(),
  /** The line of the log that tells of it, from 0. */
  logLine: z.number().int().nonnegative(),
});
export type FailedTest = z.infer<typeof FailedTest>;

/** What a job's log says of its tests, over all of its test runs. */
export const TestReport = z.object({
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  errored: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  /** In the order of the log, the first 100; `failed` and `errored` count all. */
  failures: z.array(FailedTest),
});
export type TestReport = z.infer<typeof TestReport>;
