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
  /** The line of the log that tells of it, from 0; null where only a report file does. */
  logLine: z.number().int().nonnegative().nullable(),
});
export type FailedTest = z.infer<typeof FailedTest>;

/** What a job says of its tests, over all of its test runs: the report files that it left, or else its log. */
export const TestReport = z.object({
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  errored: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  /** In the order in which they are told, the first 100; `failed` and `errored` count all. */
  failures: z.array(FailedTest),
  /** The files that say so, as paths in the repository. Absent: the log does. */
  files: z.array(z.string()).optional(),
});
export type TestReport = z.infer<typeof TestReport>;
