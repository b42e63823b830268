import type { BuildSummary, BuildTrust } from '#server/api';
import { expect, test } from 'vitest';
import { isHeld, lookOfBuild } from './status.ts';

function standing(level: BuildTrust, state: BuildSummary['state'], finishedAt: string | null): Pick<BuildSummary, 'trust' | 'state' | 'finishedAt'> {
  return { trust: { level, reason: null, contributor: 'ada' }, state, finishedAt };
}

test('a build that waits for an approval looks held, not queued', () => {
  const build = standing('held', 'queued', null);
  expect([isHeld(build), lookOfBuild(build).word, lookOfBuild(build).shape]).toEqual([true, 'held', 'hand']);
});

test.each([
  [standing('held', 'canceled', '2026-01-02T03:04:05.000Z'), 'canceled'],
  [standing('approved', 'queued', null), 'queued'],
  [standing('refused', 'canceled', '2026-01-02T03:04:05.000Z'), 'canceled'],
  [standing('untrusted', 'running', null), 'running'],
  [standing('trusted', 'passed', '2026-01-02T03:04:05.000Z'), 'passed'],
])('any other looks as its state: %#', (build, word) => {
  expect([isHeld(build), lookOfBuild(build).word]).toEqual([false, word]);
});
