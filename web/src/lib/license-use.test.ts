import type { LicenseMonth, LicenseUsePoint } from '#server/api';
import { expect, test } from 'vitest';
import {
  formatHours,
  formatMonth,
  formatStretch,
  formatTick,
  peakWords,
  pointsOf,
  pointWords,
  refusedSentence,
  useSentence,
  wasFull,
} from './license-use.ts';

function point(most: number, mean: number, seats: number): LicenseUsePoint {
  return { at: '2026-06-15T12:00:00Z', most, mean, seats };
}

function month(changed: Partial<LicenseMonth>): LicenseMonth {
  return { month: '2026-11', product: 'sdk', seats: 2, peak: 1, leases: 10, seatHours: 3, refusals: 0, ...changed };
}

test('a chart is told in words', () => {
  expect(useSentence([])).toBe('Nothing is known of its past yet.');
  expect(useSentence([point(0, 0, 2), point(0, 0, 2)])).toBe('Not used.');
  expect(useSentence([point(1, 0.5, 2), point(1, 0.1, 2)])).toBe('At most 1 seat at once, 0.3 on average; never all of them.');
  expect(useSentence([point(2, 1, 2), point(1, 1, 2)])).toBe(
    'At most 2 seats at once, 1 on average; all were taken at some moment in 1 of the 2 stretches that are drawn.',
  );
  expect(pointWords(point(2, 0.01, 3))).toBe('at most 2 of 3 seats, under 0.1 on average');
  expect(pointsOf({ hours: 1, pools: [{ pool: 'a', product: 'p', points: [point(1, 1, 1)] }], months: [] }, 'a')).toHaveLength(1);
  expect(pointsOf(null, 'a')).toEqual([]);
});

test('a stretch is told by its day where it is long', () => {
  const at = new Date(2026, 5, 15, 14, 30).getTime();
  expect([formatStretch(at, 900_000), formatStretch(at, 27_000_000)]).toEqual(['14:30', '15 Jun, 14:30']);
  expect([formatTick(at, 24), formatTick(at, 720)]).toEqual(['14:30', '15 Jun']);
});

test('a month says what was short in it', () => {
  expect([formatMonth('2026-11', 'long'), formatMonth('2026-11', 'short')]).toEqual(['November 2026', 'Nov 2026']);
  expect([0.04, 9.94, 1234.4].map(formatHours)).toEqual(['0', '9.9', '1,234']);
  expect([peakWords(month({})), peakWords(month({ peak: 2 })), peakWords(month({ peak: 3 }))]).toEqual(['1 of 2', 'all 2', '3 of 2']);
  expect([wasFull(month({})), wasFull(month({ peak: 3 })), wasFull(month({ peak: 0, seats: 0 }))]).toEqual([false, true, false]);
});

test('the head of the page says what was refused in the newest month, the most first', () => {
  expect(refusedSentence([])).toBe('');
  expect(refusedSentence([month({ month: '2026-10', refusals: 5 }), month({})])).toBe('');
  const months = [month({ refusals: 1 }), month({ product: 'msvc', refusals: 14 }), month({ product: 'qnx' })];
  expect(refusedSentence(months)).toBe('In November 2026 jobs found no free seat of msvc 14 times and sdk once.');
});
