import { round, stepLine } from './chart.ts';

/** How a test's durations are drawn: a stepped line of all, and from where on it is the last runs. */
export interface Spark {
  readonly line: string;
  /** Of the last runs the left edge; null where there are no others. */
  readonly newestX: number | null;
}

/** So many runs count as the last ones. */
const NEWEST = 10;

/** Durations, oldest first, in a drawing of that size; the longest reaches its top. */
export function layOutSpark(samples: readonly number[], { width, height }: { readonly width: number; readonly height: number }): Spark {
  const top = Math.max(1, ...samples);
  const step = width / Math.max(1, samples.length);
  const places = samples.map((_, index) => ({ x: round(index * step) }));
  const line = stepLine(places, samples, width, (value) => round(height - 1 - (value / top) * (height - 2)));
  return { line, newestX: samples.length > NEWEST ? round((samples.length - NEWEST) * step) : null };
}
