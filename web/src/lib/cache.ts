import type { CacheOriginView, CacheView } from '#server/api';
import { count, formatBytes } from './numbers.ts';

/** How full the cache is and what it has spared, in a sentence. */
export function cacheSentence({ bytes, maxBytes, origins }: CacheView): string {
  const saved = origins.reduce((sum, origin) => sum + origin.savedBytes, 0);
  return `${formatBytes(bytes)} of ${formatBytes(maxBytes)} in use, ${formatBytes(saved)} not fetched again`;
}

/** Of what share of the requests the origin had to send nothing, 0 to 1; null before the first request. */
export function hitShare({ hits, misses }: Pick<CacheOriginView, 'hits' | 'misses'>): number | null {
  return hits + misses === 0 ? null : hits / (hits + misses);
}

/** What was asked of an origin's files: `1,204 requests, 93 % from the cache`. */
export function requestsSentence(origin: CacheOriginView): string {
  const share = hitShare(origin);
  return share === null ? 'nothing asked for yet' : `${count(origin.hits + origin.misses, 'request')}, ${Math.floor(share * 100)} % from the cache`;
}
