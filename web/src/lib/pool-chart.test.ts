import type { PoolSample } from '#server/api';
import { describe, expect, it, test } from 'vitest';
import { pointAt } from './chart.ts';
import { layOutChart } from './pool-chart.ts';

const START = Date.UTC(2026, 3, 18, 12);
const MINUTE = 60_000;

function sample(minute: number, busy: number, ready = 0, creating = 0, waiting = 0): PoolSample {
  return { at: new Date(START + minute * MINUTE).toISOString(), busy, ready, creating, waiting };
}

/** 100 pixels of plot for 100 minutes, 100 pixels high for a top of 4 x 1.08. */
function layOut(samples: PoolSample[], minutes = 100, limit = 4) {
  return layOutChart(samples, { width: 128, height: 144, limit, from: START, to: START + minutes * MINUTE });
}

describe('layOutChart', () => {
  it('stacks the layers as steps that hold until the next sample, the last until the end', () => {
    const { layers, plot } = layOut([sample(0, 1, 1), sample(50, 2, 0)]);
    expect(plot).toEqual({ left: 26, right: 126, top: 10, bottom: 110 });
    expect(layers.map(({ layer }) => layer)).toEqual(['busy', 'ready', 'creating']);
    const [one, two] = [86.9, 63.7];
    expect(layers[0]?.path).toBe(`M26 ${one}H76L76 ${two}H126L126 110H76L76 110H26Z`);
    expect(layers[1]?.path).toBe(`M26 ${two}H76L76 ${two}H126L126 ${two}H76L76 ${one}H26Z`);
  });

  it('has the limit inside, and all that goes beyond it', () => {
    expect(layOut([sample(0, 1)]).limitY).toBeCloseTo(17.4, 0);
    const high = layOut([sample(0, 4, 6)]);
    expect(high.limitY).toBeGreaterThan(70);
    expect(high.yTicks.map(({ value }) => value)).toEqual([0, 5, 10]);
  });

  it('marks when jobs waited, neighbours as one, with the most that waited', () => {
    const { marks } = layOut([sample(0, 4), sample(10, 4, 0, 0, 2), sample(20, 4, 0, 0, 7), sample(30, 4), sample(90, 4, 0, 0, 1)]);
    expect(marks).toEqual([
      { x: 36, width: 20, most: 7 },
      { x: 116, width: 10, most: 1 },
    ]);
  });

  it('leaves out what is not in the span, and draws nothing of nothing', () => {
    expect(layOut([sample(-5, 1), sample(10, 1), sample(101, 1)]).points).toHaveLength(1);
    expect(layOut([])).toMatchObject({ layers: [], marks: [], points: [] });
  });

  it.each([
    [60, 128, 1],
    [360, 700, 8],
    [1440, 700, 8],
  ])('has round times for %i minutes in %i pixels, not too many', (minutes, width, most) => {
    const { xTicks } = layOutChart([], { width, height: 100, limit: 1, from: START + 1, to: START + 1 + minutes * MINUTE });
    expect(xTicks.length).toBeGreaterThan(0);
    expect(xTicks.length).toBeLessThanOrEqual(most + 1);
    expect(xTicks.every(({ at }) => new Date(at).getMinutes() % 5 === 0 && at % MINUTE === 0)).toBe(true);
  });
});

test('the point of a place is the last one that began', () => {
  const { points } = layOut([sample(0, 1), sample(50, 2)]);
  expect([0, 26, 75.9, 76, 999].map((x) => pointAt(points, x))).toEqual([0, 0, 0, 1, 1]);
  expect(pointAt([], 10)).toBe(-1);
});
