import type { StepView } from '#server/api';
import { describe, expect, it } from 'vitest';
import { firstFailedStep, isFoldedAtFirst, stepState, withStep } from './job-steps.ts';
import { formatLineTime } from './line-times.ts';

function step(index: number, phase: string, exitCode: number | null, isDone = true): StepView {
  const finishedAt = isDone ? '2026-01-01T00:00:01.000Z' : null;
  return {
    index,
    phase,
    title: 't',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt,
    exitCode,
    startOffset: 0,
    endOffset: 0,
    startLine: 0,
    endLine: 0,
  };
}

describe('steps', () => {
  const steps = [step(0, 'install', 0), step(1, 'script', 2), step(2, 'script', 0), step(3, 'after_script', 1)];

  it('folds what passed and was only in the way', () => {
    expect(steps.map((each) => isFoldedAtFirst(each, steps))).toEqual([true, false, false, false]);
    expect(isFoldedAtFirst(step(0, 'install', 0), [step(0, 'install', 0)])).toBe(false);
    expect(isFoldedAtFirst(step(0, 'install', null, false), steps)).toBe(false);
  });

  it('finds the failure that decided, not one of a job that passed or was ended from outside', () => {
    expect(firstFailedStep(steps, 'failed')?.index).toBe(1);
    expect(firstFailedStep(steps, 'passed')).toBeNull();
    expect(firstFailedStep(steps, 'canceled')).toBeNull();
  });

  it("puts news in the step's place", () => {
    expect(withStep([step(0, 'a', null), step(2, 'c', 0)], step(1, 'b', 0)).map((each) => each.phase)).toEqual(['a', 'b', 'c']);
    expect(withStep([step(0, 'a', null)], step(0, 'a', 7))[0]?.exitCode).toBe(7);
  });

  it('knows how a step stands', () => {
    expect(stepState(step(0, 'a', 0), 'failed')).toBe('passed');
    expect(stepState(step(0, 'a', 1), 'failed')).toBe('failed');
    expect(stepState(step(0, 'a', null, false), 'running')).toBe('running');
    expect(stepState(step(0, 'a', null, false), 'canceled')).toBe('canceled');
  });
});

describe('formatLineTime', () => {
  it('says the gap only where there is one', () => {
    expect(formatLineTime('gap', 5000, 3000, 0)).toBe('+2 s');
    expect(formatLineTime('gap', 5000, 4990, 0)).toBe('');
  });

  it('counts from the start', () => expect(formatLineTime('since', 65_000, null, 0)).toBe('1 m 05 s'));
  it('says nothing of what is not known', () => expect(formatLineTime('absolute', null, null, null)).toBe(''));
});
