import type { PoolSample, PoolView } from '#server/api';
import { describe, expect, it, test } from 'vitest';
import { historySentence, sampleWords, waitedFor, withNow } from './pool-history.ts';

const NOW = Date.UTC(2026, 3, 18, 12);
const MINUTE = 60_000;

function sample(minutesAgo: number, busy: number, waiting = 0): PoolSample {
  return { at: new Date(NOW - minutesAgo * MINUTE).toISOString(), busy, ready: 1, creating: 0, waiting };
}

const pool: PoolView = {
  name: 'debian-12', driver: 'qemu', image: 'debian-12', imageDigest: null, isolation: 'vm', isolationNote: '', system: 'linux', architecture: 'x86_64',
  systemVersion: null, toolchains: [], interpreters: [], ready: 2, wantedReady: 2, busy: 3, creating: 1, waiting: 7, limit: 4, allow: null, problem: null,
}; // prettier-ignore

describe('withNow', () => {
  it('ends with how the pool stands now', () => {
    const samples = withNow([sample(2, 4, 9), sample(1, 4, 8)], pool, NOW);
    expect(samples).toHaveLength(3);
    expect(samples.at(-1)).toEqual({ at: new Date(NOW).toISOString(), busy: 3, ready: 2, creating: 1, waiting: 7 });
  });

  it('is all there is where nothing is known of the past', () => {
    expect(withNow([], pool, NOW)).toHaveLength(1);
  });
});

test('a sample counts until the next', () => {
  expect(waitedFor([sample(9, 4, 1), sample(6, 4, 2), sample(5, 4), sample(1, 4, 3)])).toBe(4 * MINUTE);
});

test.each([
  [[], 'Nothing is known of its past yet.'],
  [[sample(9, 0), sample(1, 0)], 'Not used; no job waited.'],
  [[sample(9, 3), sample(1, 1)], 'At most 3 of 4 in use; no job waited.'],
  [[sample(9, 4, 3), sample(6, 4, 8), sample(5, 4)], 'At most 4 of 4 in use; jobs waited for 4 m 00 s in all, 8 at most.'],
])('%# a past in words', (samples, words) => expect(historySentence(samples, 4)).toBe(words));

test('a moment in words', () => {
  expect(sampleWords(sample(1, 3))).toBe('3 in use, 1 ready');
  expect(sampleWords({ ...sample(1, 3, 1), creating: 2 })).toBe('3 in use, 1 ready, 2 starting, 1 job waiting');
});
