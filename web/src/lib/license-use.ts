import type { LicenseMonth, LicenseUsePoint, LicenseUseView } from '#server/api';
import { formatTimeOfDay } from './duration.ts';
import { isFull } from './license-chart.ts';
import { count, formatCount, listWords } from './numbers.ts';

const HOUR = 3_600_000;
/** Stretches longer than this are told of by their day. */
const LONG_MS = 2 * HOUR;

/** How far back one can look: hours, and what that is called. */
export const USE_SPANS = [
  { hours: 24, text: '24 h' },
  { hours: 168, text: '7 days' },
  { hours: 720, text: '30 days' },
  { hours: 8760, text: '1 year' },
] as const;

/** How long one stretch of that many hours is, in milliseconds. */
export function stretchOf(hours: number, points: readonly LicenseUsePoint[]): number {
  return (hours * HOUR) / Math.max(1, points.length);
}

/** A pool's stretches; none if it is not told of. */
export function pointsOf(use: LicenseUseView | null, pool: string): readonly LicenseUsePoint[] {
  return use?.pools.find((candidate) => candidate.pool === pool)?.points ?? [];
}

/** A chart in words: the most at once, the mean, and for how much of the time all seats were taken at some moment. */
export function useSentence(points: readonly LicenseUsePoint[]): string {
  if (points.length === 0) return 'Nothing is known of its past yet.';
  const most = Math.max(...points.map((point) => point.most));
  if (most === 0) return 'Not used.';
  const mean = points.reduce((sum, point) => sum + point.mean, 0) / points.length;
  const full = points.filter(isFull).length;
  const words = `At most ${count(most, 'seat')} at once, ${formatMean(mean)} on average`;
  if (full === 0) return `${words}; never all of them.`;
  return `${words}; all were taken at some moment in ${formatCount(full)} of the ${formatCount(points.length)} stretches that are drawn.`;
}

/** One stretch in words. */
export function pointWords({ most, mean, seats }: LicenseUsePoint): string {
  return `at most ${formatCount(most)} of ${count(seats, 'seat')}, ${formatMean(mean)} on average`;
}

/** When a stretch began, as exactly as its length is worth. */
export function formatStretch(at: number, length: number): string {
  return length > LONG_MS ? `${formatDay(at)}, ${formatTimeOfDay(at)}` : formatTimeOfDay(at);
}

/** A time below a chart: the time of day, or the day where that is midnight or the chart is long. */
export function formatTick(at: number, hours: number): string {
  return hours > 48 ? formatDay(at) : formatTimeOfDay(at);
}

function formatDay(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** Small numbers to the tenth: `0.3`, `2.4`, `14`. */
function formatMean(mean: number): string {
  if (mean > 0 && mean < 0.05) return 'under 0.1';
  return mean >= 99.95 ? formatCount(Math.round(mean)) : String(Math.round(mean * 10) / 10);
}

/** `November 2026` or `Nov 2026` for `2026-11`. */
export function formatMonth(month: string, length: 'long' | 'short'): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', { month: length, year: 'numeric', timeZone: 'UTC' });
}

/** Seat hours to the hour, or to the tenth where there are few. */
export function formatHours(hours: number): string {
  return hours < 10 ? String(Math.round(hours * 10) / 10) : formatCount(Math.round(hours));
}

/** The most at once against what there was: `3 of 4`, `all 2`. */
export function peakWords({ peak, seats }: LicenseMonth): string {
  return seats > 0 && peak === seats ? `all ${formatCount(seats)}` : `${formatCount(peak)} of ${formatCount(seats)}`;
}

/** Whether at some moment of a month all seats of a product were taken. */
export function wasFull({ peak, seats }: LicenseMonth): boolean {
  return seats > 0 && peak >= seats;
}

/** Of which products there were too few seats in the newest month, for the head of the page: `In November 2026 jobs found no free seat of sdk 14 times.` */
export function refusedSentence(months: readonly LicenseMonth[]): string {
  const newest = months.reduce((last, { month }) => (month > last ? month : last), '');
  const refused = months.filter(({ month, refusals }) => month === newest && refusals > 0).sort((a, b) => b.refusals - a.refusals);
  if (refused.length === 0) return '';
  return `In ${formatMonth(newest, 'long')} jobs found no free seat of ${listWords(refused.map(({ product, refusals }) => `${product} ${times(refusals)}`))}.`;
}

function times(number: number): string {
  return number === 1 ? 'once' : `${formatCount(number)} times`;
}
