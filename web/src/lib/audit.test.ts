import { expect, test } from 'vitest';
import { actionWords, detailTexts, targetPath } from './audit.ts';

test('an entry is told in words, and leads to its job', () => {
  expect(actionWords('shell.open')).toBe('entered the machine of');
  expect(actionWords('never.heard')).toBe('never.heard');
  expect(['job 12', 'build 3', 'project 4', 'job 0', 'token 3'].map(targetPath)).toEqual(['/jobs/12', '/builds/3', '/projects/4', null, null]);
  expect(detailTexts({ seconds: 412, exitCode: 0, reason: null, machine: 'm1' })).toEqual(['for 6 m 52 s', 'exitCode: 0', 'machine: m1']);
});
