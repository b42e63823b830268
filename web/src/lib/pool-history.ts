import type { PoolHistory, PoolSample, PoolView } from '#server/api';
import { formatDuration } from './duration.ts';
import { count } from './numbers.ts';

/** A pool's samples with how it stands now at their end. `now` in milliseconds since 1970. */
export function withNow(samples: readonly PoolSample[], { ready, creating, busy, waiting }: PoolView, now: number): PoolSample[] {
  return [...samples.filter(({ at }) => Date.parse(at) < now), { at: new Date(now).toISOString(), ready, creating, busy, waiting }];
}

/** The samples of a pool; none if it has no history. */
export function samplesOf(history: readonly PoolHistory[], pool: string): readonly PoolSample[] {
  return history.find((candidate) => candidate.pool === pool)?.samples ?? [];
}

/** How long jobs waited in these samples, milliseconds: each sample counts until the next. */
export function waitedFor(samples: readonly PoolSample[]): number {
  return samples.reduce((sum, sample, i) => {
    const next = samples[i + 1];
    return next && sample.waiting > 0 ? sum + Date.parse(next.at) - Date.parse(sample.at) : sum;
  }, 0);
}

/** A chart in words: the most that was in use and, if jobs waited, for how long and how many at most. */
export function historySentence(samples: readonly PoolSample[], limit: number): string {
  if (samples.length < 2) return 'Nothing is known of its past yet.';
  const most = Math.max(...samples.map(({ busy }) => busy));
  const use = most === 0 ? 'Not used' : `At most ${most} of ${limit} in use`;
  const waited = waitedFor(samples);
  if (waited === 0) return `${use}; no job waited.`;
  const waiting = Math.max(...samples.map((sample) => sample.waiting));
  return `${use}; jobs waited for ${formatDuration(waited)} in all, ${waiting} at most.`;
}

/** One moment in words. */
export function sampleWords(sample: PoolSample): string {
  const parts = [`${sample.busy} in use`, `${sample.ready} ready`];
  if (sample.creating > 0) parts.push(`${sample.creating} starting`);
  if (sample.waiting > 0) parts.push(`${count(sample.waiting, 'job')} waiting`);
  return parts.join(', ');
}
