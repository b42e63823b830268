import type { PoolSample } from '#server/api';

/** Layers from the bottom up. */
export const CHART_LAYERS = ['busy', 'ready', 'creating'] as const;
export type ChartLayer = (typeof CHART_LAYERS)[number];

/** Room around the plot, in pixels: numbers at the left, times and the waiting strip below. */
const MARGIN = { top: 10, right: 2, bottom: 34, left: 26 } as const;
/** The strip that says when jobs waited lies under the plot. */
const STRIP = { gap: 4, height: 6 } as const;
const TICK_PIXELS = 74;
const MINUTE = 60_000;
/** Distances between times that people can count in, minutes. */
const TICK_MINUTES = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];

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
  plot: { left: number; right: number; top: number; bottom: number };
  /** Samples inside, with their places, oldest first. */
  points: { x: number; at: number; sample: PoolSample }[];
}

/** Lays a pool's samples out as steps on top of each other: each holds until the next, the last until `to`. */
export function layOutChart(samples: readonly PoolSample[], options: ChartOptions): PoolChart {
  const plot = { left: MARGIN.left, right: options.width - MARGIN.right, top: MARGIN.top, bottom: options.height - MARGIN.bottom };
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

/** An area between two stepped lines: along the upper one to the right, back along the lower one. */
function stepArea(points: Points, above: readonly number[], below: readonly number[], right: number, yOf: (value: number) => number): string {
  const ends = points.map((_, i) => points[i + 1]?.x ?? right);
  const there = points.map(({ x }, i) => `${x} ${yOf(above[i] ?? 0)}H${ends[i] ?? right}`);
  const back = points.map(({ x }, i) => `${ends[i] ?? right} ${yOf(below[i] ?? 0)}H${x}`).toReversed();
  return `M${there.join('L')}L${back.join('L')}Z`;
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

/** The top of the axis: the largest value and a little air, at least 1. */
function topValue(values: readonly number[]): number {
  return Math.max(1, ...values) * 1.08;
}

/** Whole numbers, three or four of them. */
function valueTicks(top: number): number[] {
  const rough = top / 3;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power * 10;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
}

/** Round times of the reader's day, as many as there is room for. */
function timeTicks(from: number, to: number, width: number): number[] {
  const room = Math.max(1, Math.floor(width / TICK_PIXELS));
  const minutes = TICK_MINUTES.find((candidate) => (to - from) / (candidate * MINUTE) <= room) ?? 1440;
  const step = minutes * MINUTE;
  const zone = new Date(to).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step);
}

/** The point that is shown for a place: the last one that begins at or before it. -1 if there is none. */
export function pointAt(points: Points, x: number): number {
  if (points.length === 0) return -1;
  const after = points.findIndex((point) => point.x > x);
  return after === -1 ? points.length - 1 : Math.max(0, after - 1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
