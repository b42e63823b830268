import type { FailedTest, TestReport } from '#server/api';
import type { TestCase } from './test-case.ts';

/** All that is known of an attempt's tests from one source: its log, or the files that it left. */
export interface Findings {
  /** Null: nothing is said of any tests. */
  readonly report: TestReport | null;
  /** Tests that are told of one by one, the first 20,000. */
  readonly cases: readonly TestCase[];
  /** There were more of them. */
  readonly isCut: boolean;
  /** Of the code that was run, percent; null: nothing is said of it. */
  readonly coverage: number | null;
  /** What could not be read and why, each a sentence for people. */
  readonly notes: readonly string[];
}

/** Of a source that says nothing. */
export const NOTHING: Findings = { report: null, cases: [], isCut: false, coverage: null, notes: [] };

/**
 * Both sources together: where files tell of tests, they are right, and the log says only in which of its lines a failure is told and where it was, if the file does not. Pure.
 */
export function combine(log: Findings, files: Findings): Findings {
  const coverage = files.coverage ?? log.coverage;
  const notes = [...files.notes, ...log.notes];
  if (files.report === null) return { ...log, coverage, notes };
  const failures = withLines(files.report.failures, log.report?.failures ?? []);
  return { report: { ...files.report, failures }, cases: files.cases, isCut: files.isCut, coverage, notes };
}

/** A log's name of a test is the end of a file's name of it. */
function withLines(failures: readonly FailedTest[], told: readonly FailedTest[]): FailedTest[] {
  const left = [...told];
  return failures.map((failure) => {
    const index = left.findIndex((one) => one.outcome === failure.outcome && `.${failure.name}`.endsWith(`.${one.name}`) && mayBeOf(one, failure));
    const [found] = index === -1 ? [] : left.splice(index, 1);
    if (found === undefined) return failure;
    const place = failure.line === null && found.file !== null ? { file: found.file, line: found.line } : {};
    return { ...failure, ...place, logLine: found.logLine };
  });
}

/** Tests of one name in several files are told apart by these, where both are known. */
function mayBeOf(one: FailedTest, other: FailedTest): boolean {
  return one.file === null || other.file === null || one.file === other.file;
}
