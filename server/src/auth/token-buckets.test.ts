import { expect, test } from 'vitest';
import type { Asker } from './asker.ts';
import { networkOf } from './address.ts';
import { RequestLimits } from './request-limits.ts';
import { TokenBuckets } from './token-buckets.ts';

test('so much at once, and more as time goes by, each on his own', () => {
  let now = 0;
  const buckets = new TokenBuckets(2, 0.5, () => now);
  expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 2]);
  expect(buckets.take('b')).toBe(0);
  now = 1000;
  expect(buckets.take('a')).toBe(1);
  now = 2000;
  expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 2]);
  now = 1_000_000;
  expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 2]);
});

test('whoever is full again is forgotten when there are many', () => {
  let now = 0;
  const buckets = new TokenBuckets(1, 1, () => now);
  for (let index = 0; index < 10_000; index += 1) buckets.take(`early ${index}`);
  now = 5000;
  buckets.take('late');
  expect(buckets.size).toBe(1);
});

test('somebody is counted by his right, nobody by where he is, and with a fifth', () => {
  const limits = new RequestLimits(10, () => 0);
  const asker: Asker = { account: 1, name: 'anna', role: 'viewer', right: 'token:1', mayShell: false, limits: null };
  for (let count = 0; count < 10; count += 1) limits.take(asker, '192.0.2.1');
  expect(() => limits.take(asker, '192.0.2.2')).toThrow(expect.objectContaining({ code: 'rate-limited', retryAfterSeconds: 6 }));
  limits.take({ ...asker, right: 'token:2' }, '192.0.2.1');
  limits.take(null, '192.0.2.1');
  limits.take({ ...asker, account: null, right: 'anybody' }, '192.0.2.1');
  expect(() => limits.take(null, '192.0.2.1')).toThrow('Too many requests');
  limits.take(null, '192.0.2.2');
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:12::1', '2001:db8:0:12::/64'],
  ['2001:0db8:0000:0012:ffff:ffff:ffff:ffff', '2001:db8:0:12::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
