import type { SlowTest } from '#server/api';
import type { DurationRow } from './sql/slow-tests.ts';
import { LAST, NEWEST } from './sql/slow-tests.ts';

const LONGEST_LIST = 50;
/** Fewer runs prove nothing. */
const LEAST = { newest: 3, before: 5 } as const;
/** So much slower, and by so many milliseconds, a test must be to be told of: machines differ. */
const GROWTH = { factor: 1.5, by: 100 } as const;

/** The slowest tests, each in the job in which it is slowest, and those that became slower, the most first. Pure. */
export function slowness(rows: readonly DurationRow[]): { slowest: SlowTest[]; slower: SlowTest[] } {
  const tests = rows.flatMap((row) => slowTest(row) ?? []);
  const slowest = tests.toSorted((one, other) => other.median - one.median);
  const slower = tests.filter(isSlower).toSorted((one, other) => growth(other) - growth(one));
  return { slowest: oncePerName(slowest), slower: oncePerName(slower) };
}

function slowTest({ name, job, samples }: DurationRow): SlowTest | null {
  const [newest, before] = [samples.slice(0, NEWEST), samples.slice(NEWEST, LAST)];
  if (newest.length === 0) return null;
  const isComparable = newest.length >= LEAST.newest && before.length >= LEAST.before;
  return { name, job, median: median(newest), before: isComparable ? median(before) : null, samples: samples.slice(0, LAST).toReversed() };
}

function isSlower({ median: now, before }: SlowTest): boolean {
  return before !== null && now >= before * GROWTH.factor && now - before >= GROWTH.by;
}

function growth({ median: now, before }: SlowTest): number {
  return before === null ? 0 : now / Math.max(before, 1);
}

function oncePerName(tests: readonly SlowTest[]): SlowTest[] {
  const first = new Map<string, SlowTest>();
  for (const test of tests) if (!first.has(test.name)) first.set(test.name, test);
  return [...first.values()].slice(0, LONGEST_LIST);
}

/** The middle one; of an even number the mean of the two in the middle. Not of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
