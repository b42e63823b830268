import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative, formatShortDuration } from './duration.ts';

describe('formatDuration', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [20, '<0.1 s'],
    [440, '0.4 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 m 00 s'],
    [72_000, '1 m 12 s'],
    [3_599_499, '59 m 59 s'],
    [7_380_000, '2 h 03 m'],
    [100_800_000, '1 d 4 h'],
  ])('writes %i ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('formatShortDuration', () => {
  it.each([
    [340, '0.3s'],
    [41_000, '41s'],
    [72_000, '1:12'],
    [7_380_000, '2:03h'],
    [200_000_000, '2d'],
  ])('writes %i ms as %s', (ms, text) => expect(formatShortDuration(ms)).toBe(text));
});

describe('formatRelative', () => {
  const now = Date.UTC(2026, 3, 18, 12);

  it.each([
    [now, 'just now'],
    [now - 42_000, '42 s ago'],
    [now - 180_000, '3 min ago'],
    [now + 7_200_000, 'in 2 h'],
    [now - 86_400_000, '1 day ago'],
    [now - 40 * 86_400_000, '9 Mar 2026'],
  ])('says %i as %s', (at, text) => expect(formatRelative(at, now)).toBe(text));
});
