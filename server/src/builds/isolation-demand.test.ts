import { describe, expect, test } from 'vitest';
import type { Isolation } from '#plugins/api';
import { demandOf, isAtLeast, isStrangers, readLevel } from './isolation-demand.ts';
import { change } from './testing/rows.ts';

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

describe('a change is a stranger’s', () => {
  const request = (headRepository: string) => ({
    number: 1,
    title: '',
    headBranch: 'x',
    headCommit: 'b'.repeat(40),
    headRepository,
    author: null,
    baseCommit: null,
    headRef: null,
    headUrl: null,
  });

  test.each([
    ['a push', change(), false],
    ['a tag', change({ kind: 'tag', tag: 'v1' }), false],
    ['a request within the repository', change({ kind: 'pull-request', pullRequest: request('owner/name') }), false],
    ['a request from another one', change({ kind: 'pull-request', pullRequest: request('stranger/name') }), true],
    ['a request from one that differs in case', change({ kind: 'pull-request', pullRequest: request('Owner/name') }), true],
    ['a request from one that is gone', change({ kind: 'pull-request', pullRequest: request('') }), true],
    ['a request of which nothing is known', change({ kind: 'pull-request', pullRequest: null }), true],
    ['a stranger’s request that somebody builds by hand', change({ kind: 'manual', pullRequest: request('stranger/name') }), true],
  ])('%s: %#', (_, of, strangers) => {
    expect(isStrangers(of)).toBe(strangers);
  });
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
