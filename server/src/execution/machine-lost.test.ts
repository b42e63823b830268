import { expect, test } from 'vitest';
import { lostEnd } from './machine-lost.ts';

test.each([
  [
    { number: 1, losses: 0 },
    'its machine was lost: gone',
    'its machine was lost (attempt 1): gone; tries again',
    'its machine was lost: gone; attempt 2 follows',
  ],
  [
    { number: 3, losses: 2 },
    'its machine was lost: gone',
    'its machine was lost (attempt 3): gone; tries again',
    'its machine was lost: gone; attempt 4 follows',
  ],
  [
    { number: 8, losses: 1 },
    'its machine was lost: gone',
    'its machine was lost (attempt 8): gone; tries again',
    'its machine was lost: gone; attempt 9 follows',
  ],
  [{ number: 4, losses: 3 }, 'its machine was lost 4 times: gone', null, 'its machine was lost 4 times: gone'],
  [{ number: 9, losses: 3 }, 'its machine was lost 4 times: gone', null, 'its machine was lost 4 times: gone'],
])('%o', (attempt, reason, again, line) => {
  expect(lostEnd(attempt, 'gone')).toEqual({ verdict: 'errored', reason, loss: { again }, line });
});
