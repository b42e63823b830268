/** How one test came out. `errored`: something else went wrong than what it tests for. */
export type TestOutcome = 'passed' | 'failed' | 'errored' | 'skipped';

/** One test of an attempt, however often and in however many parts it ran there. */
export interface TestCase {
  /** Its module, class and function with dots between: `tests.test_money.TestCurrency.test_known[euro]`. At most 500 characters. */
  readonly name: string;
  /** The worst of its runs; skipped only if all were. */
  readonly outcome: TestOutcome;
  /** Of all its runs together; null where that is not told. */
  readonly milliseconds: number | null;
}

/** So many tests of an attempt are told apart. */
export const MOST_CASES = 20_000;
/** A day: what says more was made up. */
const LONGEST_MS = 86_400_000;
const BADNESS: Readonly<Record<TestOutcome, number>> = { skipped: 0, passed: 1, failed: 2, errored: 3 };

/** The tests of an attempt by their names, the first 20,000. */
export class CaseBook {
  private readonly cases = new Map<string, TestCase>();
  /** More tests ran than there is room for. */
  isCut = false;

  /** `milliseconds` that are no time are taken as not told. */
  add(name: string, outcome: TestOutcome, milliseconds: number | null): void {
    const time = milliseconds !== null && milliseconds >= 0 && milliseconds <= LONGEST_MS ? milliseconds : null;
    const known = this.cases.get(name);
    if (known !== undefined) this.cases.set(name, merge(known, { name, outcome, milliseconds: time }));
    else if (this.cases.size < MOST_CASES) this.cases.set(name, { name, outcome, milliseconds: time });
    else this.isCut = true;
  }

  all(): TestCase[] {
    return [...this.cases.values()];
  }
}

function merge(one: TestCase, other: TestCase): TestCase {
  const milliseconds = one.milliseconds === null ? other.milliseconds : Math.min(one.milliseconds + (other.milliseconds ?? 0), LONGEST_MS);
  return { name: one.name, outcome: BADNESS[other.outcome] > BADNESS[one.outcome] ? other.outcome : one.outcome, milliseconds };
}
