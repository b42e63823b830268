import { describe, expect, test } from 'vitest';
import type { JobState } from '#server/api';
import { type BuildDecision, type JobOutcome, decideBuild } from './decide-build.ts';

/** `passed`, `failed?` (may fail), `waiting@1` (of the second stage), `2*queued`. */
function outcome(text: string): JobOutcome {
  const match = /^(?:(\d+)\*)?([a-z]+)(\?)?(?:@(\d+))?$/.exec(text);
  if (!match) throw new Error(`cannot read ${text}`);
  return { count: Number(match[1] ?? 1), state: match[2] as JobState, allowFailure: match[3] !== undefined, stage: Number(match[4] ?? 0) };
}

function decide(text: string, fastFinish = false): BuildDecision {
  return decideBuild(text.split(' ').map(outcome), fastFinish);
}

describe('the state of a build whose jobs have all ended', () => {
  test.each([
    ['2*passed', 'passed'],
    ['passed failed', 'failed'],
    ['failed errored passed', 'errored'],
    ['failed errored canceled', 'canceled'],
    ['passed failed? errored? canceled?', 'passed'],
    ['3*failed?', 'passed'],
    ['failed 2*skipped@1', 'failed'],
    ['passed skipped@1', 'passed'],
  ])('%s: %s', (jobs, state) => {
    expect(decide(jobs)).toEqual({ state, finished: true, beginStage: null, skipReason: null });
    expect(decide(jobs, true)).toEqual({ state, finished: true, beginStage: null, skipReason: null });
  });
});

describe('a build under way', () => {
  test.each([
    ['2*queued', 'queued'],
    ['queued waiting@1', 'queued'],
    ['held', 'queued'],
    ['starting queued', 'running'],
    ['running', 'running'],
    ['finishing', 'running'],
    ['passed queued', 'running'],
    ['failed running', 'running'],
    ['canceled queued', 'running'],
  ])('%s: %s', (jobs, state) => {
    expect(decide(jobs)).toEqual({ state, finished: false, beginStage: null, skipReason: null });
  });
});

describe('stages', () => {
  test.each([
    ['the next begins when all of one passed', '2*passed waiting@1 waiting@2', 1],
    ['what may fail does not hold it up', 'passed failed? waiting@1', 1],
    ['it waits for what may fail, too', 'passed running? waiting@1', null],
    ['stages need not be next to each other', 'passed waiting@5 waiting@7', 5],
    ['after a restart in the middle the later one waits again', 'passed queued@1 waiting@2', null],
    ['a stage half begun is completed', 'passed waiting@1 passed@0', 1],
  ])('%s', (_title, jobs, stage) => {
    expect(decide(jobs)).toMatchObject({ finished: false, beginStage: stage, skipReason: null });
  });

  test.each(['failed', 'errored', 'canceled'] as const)('a stage that ended %s skips all later ones and ends the build', (verdict) => {
    const decision = decide(`passed ${verdict} waiting@1 2*waiting?@2`);
    expect(decision).toEqual({ state: verdict, finished: true, beginStage: null, skipReason: `an earlier stage ended ${verdict}` });
  });

  test('nothing is skipped while a job of the stage still runs', () => {
    expect(decide('failed running waiting@1')).toEqual({ state: 'running', finished: false, beginStage: null, skipReason: null });
  });
});

describe('fast finish', () => {
  test.each([
    ['failed running', 'failed', true],
    ['errored queued', 'errored', true],
    ['passed running?', 'passed', true],
    ['passed running', 'running', false],
    ['failed? running', 'running', false],
    ['passed passed? 3*queued?', 'passed', true],
  ])('%s: %s', (jobs, state, finished) => {
    expect(decide(jobs, true)).toMatchObject({ state, finished });
  });
});
