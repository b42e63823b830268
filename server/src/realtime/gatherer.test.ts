import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recordingLogger } from '../../../test/support/logger.ts';
import { Gatherer } from './gatherer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A gatherer whose dealing the test lets end when it likes. */
function gatherer(): {
  gatherer: Gatherer<number>;
  dealt: (readonly number[])[];
  done: () => void;
  fail: () => void;
  logger: ReturnType<typeof recordingLogger>;
} {
  const dealt: (readonly number[])[] = [];
  const logger = recordingLogger();
  let settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  const deal = (things: readonly number[]): Promise<void> => {
    dealt.push(things);
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
  };
  const one = new Gatherer<number>(100, deal, logger);
  return { gatherer: one, dealt, done: () => settle?.resolve(), fail: () => settle?.reject(new Error('away')), logger };
}

test('what comes within the pause is dealt with at once, each thing once', async () => {
  const { gatherer: one, dealt } = gatherer();
  one.add([1, 2]);
  one.add([2, 3]);
  await vi.advanceTimersByTimeAsync(99);
  expect(dealt).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(dealt).toEqual([[1, 2, 3]]);
});

test('nothing is dealt with twice at the same time, and nothing is lost meanwhile', async () => {
  const { gatherer: one, dealt, done } = gatherer();
  one.add([1]);
  await vi.advanceTimersByTimeAsync(100);
  one.add([1, 2]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(dealt).toEqual([[1]]);
  done();
  await vi.advanceTimersByTimeAsync(100);
  expect(dealt).toEqual([[1], [1, 2]]);
});

test('a failure is told and does not stop it', async () => {
  const { gatherer: one, dealt, fail, logger } = gatherer();
  one.add([1]);
  await vi.advanceTimersByTimeAsync(100);
  fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(logger.lines.map((line) => line.level)).toEqual(['warn']);
  one.add([2]);
  await vi.advanceTimersByTimeAsync(100);
  expect(dealt).toEqual([[1], [2]]);
});

test('nothing happens without things, or after it is closed', async () => {
  const { gatherer: one, dealt } = gatherer();
  one.add([]);
  expect(vi.getTimerCount()).toBe(0);
  one.add([1]);
  one.close();
  one.add([2]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(dealt).toEqual([]);
});
