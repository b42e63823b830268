import type { LicenseUsePoint } from '#server/api';
import { plotOf, round, stepArea, stepLine, STRIP, timeTicks, topValue, valueTicks, type Plot } from './chart.ts';

/** A licence pool over time as drawn, in pixels. */
export interface LicenseChart {
  /** The most seats at once in each stretch, and the mean of it. */
  most: string;
  mean: string;
  /** The seats that there were: a line. */
  seats: string;
  /** When all seats were taken at some moment. */
  full: { x: number; width: number }[];
  strip: { y: number; height: number };
  xTicks: { x: number; at: number }[];
  yTicks: { y: number; value: number }[];
  plot: Plot;
  points: { x: number; point: LicenseUsePoint }[];
}

/** Whether at some moment of a stretch all seats were taken. Where there were none, none was missed. */
export function isFull({ most, seats }: LicenseUsePoint): boolean {
  return seats > 0 && most >= seats;
}

/** Lays the stretches of a pool out side by side: each holds until the next, the last until `to`. Milliseconds since 1970. */
export function layOutLicenseChart(stretches: readonly LicenseUsePoint[], size: { width: number; height: number }, to: number): LicenseChart {
  const plot = plotOf(size);
  const from = Date.parse(stretches[0]?.at ?? '') || to - 1;
  const xOf = (at: number): number => round(plot.left + ((at - from) / Math.max(1, to - from)) * Math.max(0, plot.right - plot.left));
  const points = stretches.map((point) => ({ x: xOf(Date.parse(point.at)), point }));
  const top = topValue(stretches.flatMap(({ most, seats }) => [most, seats]));
  const yOf = (value: number): number => round(plot.bottom - (value / top) * (plot.bottom - plot.top));
  const none = stretches.map(() => 0);
  const area = (values: readonly number[]): string => (points.length === 0 ? '' : stepArea(points, values, none, plot.right, yOf));
  return {
    most: area(stretches.map(({ most }) => most)),
    mean: area(stretches.map(({ mean }) => mean)),
    seats: stepLine(
      points,
      stretches.map(({ seats }) => seats),
      plot.right,
      yOf,
    ),
    full: fullOf(points, plot.right),
    strip: { y: plot.bottom + STRIP.gap, height: STRIP.height },
    xTicks: timeTicks(from, to, plot.right - plot.left).map((at) => ({ x: xOf(at), at })),
    yTicks: valueTicks(top).map((value) => ({ y: yOf(value), value })),
    plot,
    points,
  };
}

/** Neighbours are told as one. */
function fullOf(points: LicenseChart['points'], right: number): LicenseChart['full'] {
  const found: LicenseChart['full'] = [];
  for (const [i, { x, point }] of points.entries()) {
    if (!isFull(point)) continue;
    const end = points[i + 1]?.x ?? right;
    const last = found.at(-1);
    if (last && round(last.x + last.width) === x) last.width = round(end - last.x);
    else found.push({ x, width: round(end - x) });
  }
  return found;
}
