import { describe, expect, test } from 'vitest';
import type { Isolation } from '#plugins/api';
import { demandOf, isAtLeast, isStrangers, readLevel } from './isolation-demand.ts';

const LEVELS: readonly Isolation[] = ['none', 'sandbox', 'vm'];

describe('what is demanded of a machine', () => {
  // minimum, pull requests, project, queued, whether a stranger's: level, who
  test.each<[Isolation, Isolation, Isolation, Isolation, boolean, Isolation, string]>([
    ['none', 'vm', 'none', 'none', false, 'none', 'installation'],
    ['none', 'vm', 'none', 'none', true, 'vm', 'pull-requests'],
    ['none', 'none', 'none', 'none', true, 'none', 'installation'],
    ['none', 'sandbox', 'vm', 'none', true, 'vm', 'project'],
    ['none', 'vm', 'sandbox', 'none', true, 'vm', 'pull-requests'],
    ['none', 'vm', 'sandbox', 'none', false, 'sandbox', 'project'],
    ['sandbox', 'none', 'none', 'none', true, 'sandbox', 'installation'],
    ['sandbox', 'sandbox', 'sandbox', 'sandbox', true, 'sandbox', 'installation'],
    ['vm', 'none', 'none', 'none', false, 'vm', 'installation'],
    ['none', 'none', 'none', 'vm', false, 'vm', 'queued'],
    ['none', 'vm', 'none', 'vm', true, 'vm', 'pull-requests'],
    ['sandbox', 'vm', 'none', 'vm', false, 'vm', 'queued'],
    ['none', 'none', 'vm', 'vm', false, 'vm', 'project'],
    ['vm', 'vm', 'none', 'sandbox', true, 'vm', 'installation'],
  ])(
    'minimum %s, pull requests %s, project %s, as queued %s, stranger %s: %s, by %s',
    (minimum, pullRequests, project, queued, stranger, level, by) => {
      expect(demandOf({ minimum, pullRequests }, { project, stranger, queued })).toEqual({ level, by });
    },
  );

  test('is never weaker than any one demand that applies', () => {
    for (const minimum of LEVELS)
      for (const pullRequests of LEVELS)
        for (const project of LEVELS)
          for (const queued of LEVELS)
            for (const stranger of [true, false]) {
              const { level } = demandOf({ minimum, pullRequests }, { project, stranger, queued });
              for (const one of [minimum, project, queued, ...(stranger ? [pullRequests] : [])]) expect(isAtLeast(level, one)).toBe(true);
            }
  });
});

test.each([
  ['vm', 'vm', true],
  ['vm', 'sandbox', true],
  ['vm', 'none', true],
  ['sandbox', 'vm', false],
  ['sandbox', 'sandbox', true],
  ['sandbox', 'none', true],
  ['none', 'vm', false],
  ['none', 'sandbox', false],
  ['none', 'none', true],
] as const)('a machine kept apart as %s, where %s is demanded: %s', (actual, demanded, enough) => {
  expect(isAtLeast(actual, demanded)).toBe(enough);
});

test.each([
  ['trusted', false],
  ['untrusted', true],
  ['held', true],
  ['approved', true],
  ['refused', true],
] as const)('a change that is %s is a stranger’s: %s', (trust, strangers) => {
  expect(isStrangers(trust)).toBe(strangers);
});

test.each([
  ['vm', 'vm'],
  ['sandbox', 'sandbox'],
  ['none', 'none'],
  ['enclave', 'vm'],
  [null, 'vm'],
  [undefined, 'vm'],
])('a level written down as %s is read as %s', (written, level) => {
  expect(readLevel(written)).toBe(level);
});
