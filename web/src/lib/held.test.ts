import type { BuildSummary } from '#server/api';
import { expect, test } from 'vitest';
import { heldSentence, withHeld } from './held.ts';

function build(id: number, changes: Partial<BuildSummary> = {}): BuildSummary {
  return {
    id,
    projectId: 1,
    projectName: 'six',
    number: id,
    state: 'queued',
    change: {
      kind: 'pull-request',
      branch: 'main',
      tag: null,
      commit: 'a'.repeat(40),
      message: 'a change',
      author: 'ada',
      committedAt: null,
      pullRequest: { number: id, title: 'a change', headRepository: 'ada/six' },
    },
    trust: { level: 'held', reason: 'ada is not trusted here', contributor: 'ada' },
    counts: { held: 1 },
    createdAt: '2026-01-02T03:04:05.000Z',
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

const held = { total: 2, builds: [build(3), build(7)] };

test('a build that begins to wait comes in by its age', () => {
  const news = withHeld(held, build(5));
  expect([news.total, news.builds.map(({ id }) => id)]).toEqual([3, [3, 5, 7]]);
});

test('news of one that waits already change nothing but itself', () => {
  const news = withHeld(held, build(3, { counts: { held: 4 } }));
  expect([news.total, news.builds[0]?.counts]).toEqual([2, { held: 4 }]);
});

test.each([
  ['approved', build(3, { trust: { level: 'approved', reason: null, contributor: 'ada' } })],
  ['refused', build(3, { trust: { level: 'refused', reason: null, contributor: 'ada' }, state: 'canceled' })],
  ['cancelled', build(3, { state: 'canceled', finishedAt: '2026-01-02T03:04:06.000Z' })],
])('one that is %s waits no longer', (_, news) => {
  expect(withHeld(held, news)).toEqual({ total: 1, builds: [build(7)] });
});

test('a build that never waited is no news', () => {
  expect(withHeld(held, build(9, { trust: { level: 'trusted', reason: null, contributor: null } }))).toBe(held);
});

test('the sentence says how many, of what', () => {
  expect(heldSentence({ total: 1, builds: [build(3)] })).toBe(
    '1 change of six by people who are not trusted there. Nothing of it runs until somebody has looked.',
  );
  const many = ['a', 'b', 'c', 'd', 'a'].map((projectName, n) => build(n + 1, { projectName }));
  expect(heldSentence({ total: 5, builds: many })).toMatch(/^5 changes of a, b and 2 other projects by/);
});
