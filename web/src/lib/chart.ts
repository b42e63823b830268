/** Room around the plot, in pixels: numbers at the left, times and a strip below. */
const MARGIN = { top: 10, right: 2, bottom: 34, left: 26 } as const;
/** The strip that marks stretches of time lies under the plot. */
const STRIP = { gap: 4, height: 6 } as const;
const TICK_PIXELS = 74;
const MINUTE = 60_000;
const DAY_MINUTES = 1440;
/** Distances between times that people can count in, minutes; then days. */
const TICK_MINUTES = [5, 10, 15, 30, 60, 120, 180, 360, 720];
const TICK_DAYS = [1, 2, 7, 14, 28, 56];

/** Where something is drawn, in pixels. */
export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What all charts over time have, in pixels. */
export interface ChartFrame {
  plot: Plot;
  xTicks: { x: number; at: number }[];
  yTicks: { y: number; value: number }[];
  /** The strip below, in which stretches of time are marked. */
  strip: { y: number; height: number };
}

/** A frame, and where in it a time (milliseconds since 1970) and a value lie. */
export interface Axes extends ChartFrame {
  readonly xOf: (at: number) => number;
  readonly yOf: (value: number) => number;
}

/** What a chart shows: how large it is, from when to when, and all values that must have room. Milliseconds since 1970. */
export interface ChartRange {
  readonly size: { readonly width: number; readonly height: number };
  readonly from: number;
  readonly to: number;
  readonly values: readonly number[];
}

export function axesOf({ size: { width, height }, from, to, values }: ChartRange): Axes {
  const plot = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const top = topValue(values);
  const xOf = (at: number): number => round(plot.left + ((at - from) / Math.max(1, to - from)) * Math.max(0, plot.right - plot.left));
  const yOf = (value: number): number => round(plot.bottom - (value / top) * (plot.bottom - plot.top));
  return {
    plot,
    xTicks: timeTicks(from, to, plot.right - plot.left).map((at) => ({ x: xOf(at), at })),
    yTicks: valueTicks(top).map((value) => ({ y: yOf(value), value })),
    strip: { y: plot.bottom + STRIP.gap, height: STRIP.height },
    xOf,
    yOf,
  };
}

/** An area between two stepped lines: along the upper one to the right, back along the lower one. Each value holds until the next place, the last until `right`. */
export function stepArea(
  places: readonly { readonly x: number }[],
  above: readonly number[],
  below: readonly number[],
  right: number,
  yOf: (value: number) => number,
): string {
  const ends = places.map((_, i) => places[i + 1]?.x ?? right);
  const there = places.map(({ x }, i) => `${x} ${yOf(above[i] ?? 0)}H${ends[i] ?? right}`);
  const back = places.map(({ x }, i) => `${ends[i] ?? right} ${yOf(below[i] ?? 0)}H${x}`).toReversed();
  return `M${there.join('L')}L${back.join('L')}Z`;
}

/** A stepped line, as `stepArea` has them. */
export function stepLine(
  places: readonly { readonly x: number }[],
  values: readonly number[],
  right: number,
  yOf: (value: number) => number,
): string {
  return places.map(({ x }, i) => `${i === 0 ? 'M' : 'L'}${x} ${yOf(values[i] ?? 0)}H${places[i + 1]?.x ?? right}`).join('');
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

/** Round times of the reader's day, or the beginnings of days, as many as there is room for. */
export function timeTicks(from: number, to: number, width: number): number[] {
  const room = Math.max(1, Math.floor(width / TICK_PIXELS));
  const minutes = TICK_MINUTES.find((candidate) => (to - from) / (candidate * MINUTE) <= room);
  if (minutes === undefined) return dayTicks(from, to, room);
  const step = minutes * MINUTE;
  const zone = new Date(to).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step);
}

/** Midnights by the reader's calendar, in which not every day has 24 hours. */
function dayTicks(from: number, to: number, room: number): number[] {
  const days = TICK_DAYS.find((candidate) => (to - from) / (candidate * DAY_MINUTES * MINUTE) <= room) ?? 91;
  const day = new Date(from);
  day.setHours(24, 0, 0, 0);
  const ticks: number[] = [];
  for (; day.getTime() <= to; day.setDate(day.getDate() + days)) ticks.push(day.getTime());
  return ticks;
}

/** The point that is shown for a place: the last one that begins at or before it. -1 if there is none. */
export function pointAt(points: readonly { readonly x: number }[], x: number): number {
  if (points.length === 0) return -1;
  const after = points.findIndex((point) => point.x > x);
  return after === -1 ? points.length - 1 : Math.max(0, after - 1);
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
