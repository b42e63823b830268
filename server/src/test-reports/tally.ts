import type { Failure } from './failure.ts';

/** So many failures are kept. */
export const MOST_FAILURES = 100;

/** How tests went, over all runs of one runner. */
export class Tally {
  passed = 0;
  failed = 0;
  errored = 0;
  skipped = 0;
  /** Whether there was a run at all. */
  hasRun = false;
  /** The first 100. */
  readonly failures: Failure[] = [];

  /** Whether another failure would be kept. */
  get hasRoom(): boolean {
    return this.failures.length < MOST_FAILURES;
  }

  add(counts: { readonly passed: number; readonly failed: number; readonly errored: number; readonly skipped: number }): void {
    this.hasRun = true;
    this.passed += counts.passed;
    this.failed += counts.failed;
    this.errored += counts.errored;
    this.skipped += counts.skipped;
  }

  keep(failures: readonly Failure[]): void {
    this.failures.push(...failures.slice(0, MOST_FAILURES - this.failures.length));
  }
}
