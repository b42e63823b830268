import { expect, test } from 'vitest';
import { cacheSentence, requestsSentence } from './cache.ts';

const ORIGIN = {
  name: 'pypi',
  kind: 'pypi',
  url: 'https://pypi.org/simple',
  files: 3,
  bytes: 1,
  hits: 0,
  misses: 0,
  servedBytes: 0,
  fetchedBytes: 0,
  savedBytes: 2_000_000,
  problem: null,
} as const;

test('how full it is and what it has spared, over all origins', () => {
  const view = { state: 'up', problem: null, since: null, bytes: 1_500_000_000, maxBytes: 20_000_000_000, origins: [ORIGIN, ORIGIN] } as const;
  expect(cacheSentence({ ...view, origins: [...view.origins] })).toBe('1.5 GB of 20 GB in use, 4 MB not fetched again');
});

test.each([
  [{ hits: 0, misses: 0 }, 'nothing asked for yet'],
  [{ hits: 1, misses: 0 }, '1 request, 100 % from the cache'],
  [{ hits: 1999, misses: 1 }, '2,000 requests, 99 % from the cache'],
])('what was asked of an origin: %j', (counts, sentence) => {
  expect(requestsSentence({ ...ORIGIN, ...counts })).toBe(sentence);
});
