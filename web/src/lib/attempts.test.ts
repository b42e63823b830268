import type { AttemptView, JobView } from '#server/api';
import { describe, expect, it, test } from 'vitest';
import { attemptLook, chosenAttempt, lostSentence } from './attempts.ts';
import { entryOf, heldAttempt } from './hold.ts';

const NOW = Date.UTC(2026, 3, 18, 12);

function attempt(number: number, rest: Partial<AttemptView> = {}): AttemptView {
  return {
    number, state: 'failed', reason: null, machine: 'm', isolation: null, image: null, imageDigest: null, host: null, lost: false, denied: [],
    licenses: [], tests: null, coverage: null, testNotes: [], heldUntil: null, startedAt: null, finishedAt: null, logSize: 0, ...rest,
  }; // prettier-ignore
}

function job(state: JobView['state'], attempts: AttemptView[]): JobView {
  return {
    id: 1, buildId: 1, position: 1, name: 'j', stage: 's', allowFailure: false, cell: { column: '', row: '' }, system: 'linux', architecture: null, state, reason: null,
    attempt: attempts.length, coverage: null, queuedAt: null, startedAt: null, finishedAt: null, projectId: 1, projectName: 'p', buildNumber: 1, buildState: 'running',
    change: { kind: 'push', branch: 'main', tag: null, commit: '', message: '', author: '', committedAt: null, pullRequest: null },
    config: {}, attempts, steps: [], logSize: 0, logLines: 0, logComplete: false, flaky: [], holdMinutes: null, shellRefused: null,
  }; // prettier-ignore
}

describe('chosenAttempt', () => {
  const two = job('running', [attempt(1, { lost: true }), attempt(2)]);

  it.each([
    ['1', 1],
    ['2', 2],
    ['3', 2],
    [undefined, 2],
    ['1; drop', 2],
    [['1', '2'], 2],
  ])('of ?attempt=%j is %i', (asked, number) => expect(chosenAttempt(two, asked)?.number).toBe(number));

  it('is none before the first', () => expect(chosenAttempt(job('queued', []), '1')).toBeNull());
});

test('an attempt that lost its machine does not look failed', () => {
  const lost = attempt(1, { state: 'errored', lost: true });
  expect(attemptLook(lost)).toMatchObject({ word: 'machine lost', tone: 'idle' });
  expect(attemptLook(attempt(2)).word).toBe('failed');
  expect(lostSentence([attempt(1)])).toBe('');
  expect(lostSentence([lost, { ...lost, number: 2 }, attempt(3)])).toMatch(/^2 attempts lost their machines/);
});

test.each([
  ['queued', null, 'later'],
  ['running', null, 'now'],
  ['failed', NOW + 1, 'held'],
  ['failed', NOW, 'none'],
  ['passed', null, 'none'],
] as const)('the machine of a %s job, held until %s, can be entered: %s', (state, until, entry) => {
  const view = job(state, [attempt(1, { heldUntil: until === null ? null : new Date(until).toISOString() })]);
  expect(entryOf(view, NOW)).toBe(entry);
  expect(heldAttempt(view, NOW) !== null).toBe(entry === 'held');
});
