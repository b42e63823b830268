import { expect, test } from 'vitest';
import { JobState, isVerdict } from '#server/api';
import { ACTIVE_STATES, JOB_TRANSITIONS, PENDING_STATES, statesBefore } from './job-states.ts';

test('every state has its row, and is pending, active or a verdict', () => {
  expect(Object.keys(JOB_TRANSITIONS).toSorted()).toEqual(JobState.options.toSorted());
  const verdicts = JobState.options.filter((state) => isVerdict(state));
  expect([...PENDING_STATES, ...ACTIVE_STATES, ...verdicts].toSorted()).toEqual(JobState.options.toSorted());
});

test('a verdict is left only by a restart', () => {
  for (const state of JobState.options.filter((one) => isVerdict(one))) expect(JOB_TRANSITIONS[state]).toEqual(['queued', 'waiting']);
});

test('every state that is not a verdict may be cancelled, and one on a machine may end in any way but skipped', () => {
  expect(statesBefore('canceled').toSorted()).toEqual([...PENDING_STATES, ...ACTIVE_STATES].toSorted());
  for (const verdict of ['passed', 'failed'] as const) expect(statesBefore(verdict).toSorted()).toEqual([...ACTIVE_STATES].toSorted());
  expect(statesBefore('skipped').toSorted()).toEqual([...PENDING_STATES].toSorted());
});

test('what may become a state is the inverse of the table', () => {
  for (const target of JobState.options) {
    expect(statesBefore(target)).toEqual(JobState.options.filter((from) => JOB_TRANSITIONS[from].includes(target)));
  }
});

test('what had a machine may be queued again, because that was lost, but never waits for its stage again', () => {
  for (const state of ACTIVE_STATES) expect(JOB_TRANSITIONS[state]).toContain('queued');
  for (const state of ACTIVE_STATES) expect(JOB_TRANSITIONS[state]).not.toContain('waiting');
});

test('only a queued job gets a machine', () => {
  expect(statesBefore('starting')).toEqual(['queued']);
});
