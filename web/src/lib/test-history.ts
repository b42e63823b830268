import type { FlakyTest, FlakyTests, SlowTest, SlowTests } from '#server/api';
import { formatDuration } from './duration.ts';
import { count, listWords } from './numbers.ts';

/** The answer to the question of a project's tests: which of them can one not rely on, and which take long. */
export function testsSentence(flaky: FlakyTests, slow: SlowTests): string {
  if (flaky.runs === 0) return '';
  const [slowest] = slow.slowest;
  const parts = [
    flaky.tests.length === 0
      ? `No test passed and failed at the same commit in ${flaky.days} days.`
      : `${count(flaky.tests.length, 'test')} passed and failed at the same commit in ${flaky.days} days.`,
    slow.slower.length > 0 ? `${count(slow.slower.length, 'test')} became slower.` : '',
    slowest === undefined ? '' : `The slowest takes ${formatDuration(slowest.median)}.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** At how many commits a test did both, and where. */
export function flakySentence({ times, jobs }: FlakyTest): string {
  return `${times === 1 ? 'once' : `${times} times`}, in ${listWords(jobs)}`;
}

/** How long a test takes, and took before where that is much less. */
export function slowSentence({ median, before }: SlowTest): string {
  return before === null ? formatDuration(median) : `${formatDuration(median)}, before ${formatDuration(before)}`;
}

/** What is not whole about the history, as a sentence; empty if nothing is. */
export function cutSentence({ cut, runs }: FlakyTests): string {
  return cut === 0 ? '' : `Of ${cut} of ${count(runs, 'run')} only the first 20,000 tests are known.`;
}
