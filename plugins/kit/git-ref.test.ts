import { execFileSync } from 'node:child_process';
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertCommitId, isCommitId, isRefName } from './git-ref.ts';

function gitTakes(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('isRefName', () => {
  it.each(['main', 'a/b', 'release-1.0', 'ünï', 'a.b', 'a@b', 'a{b', 'lock', '1', 'refs/pull/1/head'])('takes %j', (name) => {
    expect(isRefName(name)).toBe(true);
  });

  it.each([
    '',
    '-x',
    '@',
    'a..b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a/',
    '/a',
    'a//b',
    'a b',
    'a~',
    'a^',
    'a:',
    'a?',
    'a*',
    'a[',
    'a\\',
    'a@{',
    'a\u007f',
    'x'.repeat(513),
  ])('refuses %j', (name) => {
    expect(isRefName(name)).toBe(false);
  });

  it('never takes what git refuses', () => {
    const piece = constantFrom('a', '.', '/', '-', '@', '{', '..', '.lock', '~', ' ', '\\', '*', 'ü', '\u0001');
    const name = array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
    assert(
      property(name, (text) => !isRefName(text) || gitTakes(text)),
      { numRuns: 150 },
    );
  });
});

describe('isCommitId', () => {
  it('takes full ids only', () => {
    expect([isCommitId('a'.repeat(40)), isCommitId('0'.repeat(64))]).toEqual([true, true]);
    expect(['abc1234', 'A'.repeat(40), 'a'.repeat(41), `${'a'.repeat(40)}\n`].map(isCommitId)).toEqual([false, false, false, false]);
    expect(() => assertCommitId('abc')).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });
});
