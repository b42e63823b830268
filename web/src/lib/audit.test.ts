import { expect, test } from 'vitest';
import { actionWords, detailTexts, targetPath } from './audit.ts';

test('an entry is told in words, and leads to its job', () => {
  expect(actionWords('shell.open')).toBe('entered the machine of');
  expect(actionWords('never.heard')).toBe('never.heard');
  expect([targetPath('job 12'), targetPath('job 0'), targetPath('token 3')]).toEqual(['/jobs/12', null, null]);
  expect(detailTexts({ seconds: 412, exitCode: 0, reason: null, machine: 'm1' })).toEqual(['for 6 m 52 s', 'exitCode: 0', 'machine: m1']);
});
