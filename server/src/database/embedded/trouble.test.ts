import { expect, test } from 'vitest';
import { explain, isTaken, isTransient } from './trouble.ts';

test.each([
  ['FATAL:  could not write to file "base/1/x": No space left on device', 'disk-full', 'make room'],
  ['FATAL:  could not write: Disk quota exceeded', 'disk-full', 'make room'],
  ['initdb: error: could not look up effective user ID 4711: user does not exist', 'unusable', '/etc/passwd'],
  ['FATAL:  could not open file "base": Permission denied', 'unusable', 'owner and mode'],
  ['PANIC:  could not locate a valid checkpoint record', 'unusable', 'restore a backup'],
  ['', 'unusable', 'It said: nothing'],
])('%s', (output, code, advice) => {
  const error = explain(output, '/data');
  expect(error).toMatchObject({ code, message: expect.stringContaining(advice) });
  expect(error.message).toContain(output);
});

test('tells what passes by itself from what does not', () => {
  expect(isTaken('FATAL:  lock file "postmaster.pid" already exists')).toBe(true);
  expect(isTaken('FATAL:  lock file "postmaster.pid" is empty')).toBe(true);
  expect(isTransient('FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use')).toBe(true);
  expect(isTaken('PANIC:  damaged') || isTransient('PANIC:  damaged')).toBe(false);
});
