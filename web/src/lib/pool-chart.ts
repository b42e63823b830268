import type { PoolSample } from '#server/api';
import { plotOf, round, stepArea, STRIP, timeTicks, topValue, valueTicks, type Plot } from './chart.ts';

/** Layers from the bottom up. */
export const CHART_LAYERS = ['busy', 'ready', 'creating'] as const;
export type ChartLayer = (typeof CHART_LAYERS)[number];

export interface ChartOptions {
  width: number;
  height: number;
  /** Jobs at once: drawn as a line. */
  limit: number;
  /** Milliseconds since 1970; samples outside are left out. */
  from: number;
  to: number;
}

/** A pool over time as drawn, in pixels. */
export interface PoolChart {
  layers: { layer: ChartLayer; path: string }[];
  /** When jobs waited for a machine. */
  waits: { x: number; width: number; most: number }[];
  strip: { y: number; height: number };
  limitY: number;
  xTicks: { x: number; at: number }[];
  yTicks: { y: number; value: number }[];
  plot: Plot;
  /** Samples inside, with their places, oldest first. */
  points: { x: number; at: number; sample: PoolSample }[];
}

/** Lays a pool's samples out as steps on top of each other: each holds until the next, the last until `to`. */
export function layOutChart(samples: readonly PoolSample[], options: ChartOptions): PoolChart {
  const plot = plotOf(options);
  const span = Math.max(1, options.to - options.from);
  const xOf = (at: number): number => round(plot.left + ((at - options.from) / span) * Math.max(0, plot.right - plot.left));
  const points = samples
    .map((sample) => ({ at: Date.parse(sample.at), sample }))
    .filter(({ at }) => at >= options.from && at <= options.to)
    .map(({ at, sample }) => ({ x: xOf(at), at, sample }));
  const top = topValue(points.map(({ sample }) => sample.busy + sample.ready + sample.creating).concat(options.limit));
  const yOf = (value: number): number => round(plot.bottom - (value / top) * (plot.bottom - plot.top));
  return {
    layers: layersOf(points, plot.right, yOf),
    waits: waitsOf(points, plot.right),
    strip: { y: plot.bottom + STRIP.gap, height: STRIP.height },
    limitY: yOf(options.limit),
    xTicks: timeTicks(options.from, options.to, plot.right - plot.left).map((at) => ({ x: xOf(at), at })),
    yTicks: valueTicks(top).map((value) => ({ y: yOf(value), value })),
    plot,
    points,
  };
}

type Points = PoolChart['points'];

function layersOf(points: Points, right: number, yOf: (value: number) => number): PoolChart['layers'] {
  if (points.length === 0) return [];
  let below = points.map(() => 0);
  return CHART_LAYERS.map((layer) => {
    const above = points.map(({ sample }, i) => (below[i] ?? 0) + sample[layer]);
    const path = stepArea(points, above, below, right, yOf);
    below = above;
    return { layer, path };
  });
}

/** Neighbours are told as one. */
function waitsOf(points: Points, right: number): PoolChart['waits'] {
  const waits: PoolChart['waits'] = [];
  let isOpen = false;
  for (const [i, { x, sample }] of points.entries()) {
    const end = points[i + 1]?.x ?? right;
    const last = waits.at(-1);
    if (sample.waiting > 0 && isOpen && last) {
      last.width = round(end - last.x);
      last.most = Math.max(last.most, sample.waiting);
    } else if (sample.waiting > 0) waits.push({ x, width: round(end - x), most: sample.waiting });
    isOpen = sample.waiting > 0;
  }
  return waits;
}
