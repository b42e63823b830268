import type { LicenseUsePoint } from '#server/api';
import { describe, expect, it, test } from 'vitest';
import { timeTicks } from './chart.ts';
import { isFull, layOutLicenseChart } from './license-chart.ts';

const START = Date.UTC(2026, 3, 18, 12);
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

function stretch(minute: number, most: number, mean: number, seats: number): LicenseUsePoint {
  return { at: new Date(START + minute * MINUTE).toISOString(), most, mean, seats };
}

/** 100 pixels of plot for 100 minutes, 100 pixels high for a top of 4 x 1.08. */
function layOut(points: LicenseUsePoint[]) {
  return layOutLicenseChart(points, { width: 128, height: 144 }, START + 100 * MINUTE);
}

describe('layOutLicenseChart', () => {
  it('draws each stretch until the next, the most and the mean from the bottom, the seats as a line', () => {
    const { most, mean, seats } = layOut([stretch(0, 2, 1, 4), stretch(50, 4, 3, 4)]);
    const [one, two, three, four] = [86.9, 63.7, 40.6, 17.4];
    expect(most).toBe(`M26 ${two}H76L76 ${four}H126L126 110H76L76 110H26Z`);
    expect(mean).toBe(`M26 ${one}H76L76 ${three}H126L126 110H76L76 110H26Z`);
    expect(seats).toBe(`M26 ${four}H76L76 ${four}H126`);
  });

  it('marks when all seats were taken, neighbours as one, and never where there were none', () => {
    const { marks } = layOut([stretch(0, 0, 0, 0), stretch(20, 4, 2, 4), stretch(40, 5, 2, 4), stretch(60, 3, 2, 4), stretch(80, 4, 4, 4)]);
    expect(marks).toEqual([
      { x: 46, width: 40 },
      { x: 106, width: 20 },
    ]);
    expect(isFull(stretch(0, 0, 0, 0))).toBe(false);
  });

  it('draws nothing of nothing', () => {
    expect(layOut([])).toMatchObject({ most: '', mean: '', seats: '', marks: [], points: [] });
  });
});

test.each([
  [7, 700],
  [30, 360],
  [365, 700],
])('%i days in %i pixels have midnights below them, not too many', (days, width) => {
  const ticks = timeTicks(START + 1, START + days * DAY, width);
  expect(ticks.length).toBeGreaterThan(2);
  expect(ticks.length).toBeLessThanOrEqual(width / 74 + 1);
  expect(ticks.every((at) => new Date(at).getHours() === 0 && at > START && at <= START + days * DAY)).toBe(true);
});
