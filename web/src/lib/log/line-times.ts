import { formatClock, formatDuration } from '../duration.ts';

/** How lines are timed: not at all, the time of day, since the log began, since the line before. */
export type TimeMode = 'none' | 'absolute' | 'since' | 'gap';

export const TIME_MODES: readonly TimeMode[] = ['none', 'absolute', 'since', 'gap'];

export const TIME_WORDS: Record<TimeMode, string> = {
  none: 'No times',
  absolute: 'Time of day',
  since: 'Since the start',
  gap: 'Gaps',
};

/** A line's time as shown; empty where none is known or, for gaps, where there was hardly one. Milliseconds in. */
export function formatLineTime(mode: TimeMode, at: number | null, before: number | null, start: number | null): string {
  if (mode === 'none' || at === null) return '';
  if (mode === 'absolute') return formatClock(at);
  if (mode === 'since') return formatDuration(at - (start ?? at));
  const gap = at - (before ?? at);
  return gap < 100 ? '' : `+${formatDuration(gap)}`;
}
