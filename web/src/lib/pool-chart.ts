import type { PoolSample } from '#server/api';
import { axesOf, type ChartFrame, round, stepArea } from './chart.ts';

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
export interface PoolChart extends ChartFrame {
  layers: { layer: ChartLayer; path: string }[];
  /** When jobs waited for a machine. */
  marks: { x: number; width: number; most: number }[];
  limitY: number;
  /** Samples inside, with their places, oldest first. */
  points: { x: number; at: number; sample: PoolSample }[];
}

/** Lays a pool's samples out as steps on top of each other: each holds until the next, the last until `to`. */
export function layOutChart(samples: readonly PoolSample[], options: ChartOptions): PoolChart {
  const { from, to, limit } = options;
  const inside = samples.map((sample) => ({ at: Date.parse(sample.at), sample })).filter(({ at }) => at >= from && at <= to);
  const values = inside.map(({ sample }) => sample.busy + sample.ready + sample.creating);
  const { xOf, yOf, ...frame } = axesOf({ size: options, from, to, values: [...values, limit] });
  const points = inside.map(({ at, sample }) => ({ x: xOf(at), at, sample }));
  return {
    layers: layersOf(points, frame.plot.right, yOf),
    marks: waitsOf(points, frame.plot.right),
    limitY: yOf(limit),
    ...frame,
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
function waitsOf(points: Points, right: number): PoolChart['marks'] {
  const waits: PoolChart['marks'] = [];
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
