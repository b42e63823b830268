import type { LicenseUsePoint } from '#server/api';
import { axesOf, type ChartFrame, round, stepArea, stepLine } from './chart.ts';

/** A licence pool over time as drawn, in pixels. */
export interface LicenseChart extends ChartFrame {
  /** The most seats at once in each stretch, and the mean of it. */
  most: string;
  mean: string;
  /** The seats that there were: a line. */
  seats: string;
  /** When all seats were taken at some moment. */
  marks: { x: number; width: number }[];
  points: { x: number; point: LicenseUsePoint }[];
}

/** Whether at some moment of a stretch all seats were taken. Where there were none, none was missed. */
export function isFull({ most, seats }: LicenseUsePoint): boolean {
  return seats > 0 && most >= seats;
}

/** Lays the stretches of a pool out side by side: each holds until the next, the last until `to`. Milliseconds since 1970. */
export function layOutLicenseChart(stretches: readonly LicenseUsePoint[], size: { width: number; height: number }, to: number): LicenseChart {
  const from = Date.parse(stretches[0]?.at ?? '') || to - 1;
  const { xOf, yOf, ...frame } = axesOf({ size, from, to, values: stretches.flatMap(({ most, seats }) => [most, seats]) });
  const { right } = frame.plot;
  const points = stretches.map((point) => ({ x: xOf(Date.parse(point.at)), point }));
  const none = stretches.map(() => 0);
  const area = (values: readonly number[]): string => (points.length === 0 ? '' : stepArea(points, values, none, right, yOf));
  return {
    most: area(stretches.map(({ most }) => most)),
    mean: area(stretches.map(({ mean }) => mean)),
    seats: stepLine(
      points,
      stretches.map(({ seats }) => seats),
      right,
      yOf,
    ),
    marks: fullOf(points, right),
    ...frame,
    points,
  };
}

/** Neighbours are told as one. */
function fullOf(points: LicenseChart['points'], right: number): LicenseChart['marks'] {
  const found: LicenseChart['marks'] = [];
  for (const [i, { x, point }] of points.entries()) {
    if (!isFull(point)) continue;
    const end = points[i + 1]?.x ?? right;
    const last = found.at(-1);
    if (last && round(last.x + last.width) === x) last.width = round(end - last.x);
    else found.push({ x, width: round(end - x) });
  }
  return found;
}
