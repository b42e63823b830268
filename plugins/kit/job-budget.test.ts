import { expect, test } from 'vitest';
import { JobBudget, TooMuch, withinBudget } from './job-budget.ts';

test('what is within a budget is made, and the first thing beyond it is refused', () => {
  const budget = new JobBudget(10);
  budget.jobs(6);
  budget.jobs(4);
  expect(() => budget.jobs(1)).toThrow(new TooMuch('This makes 11 jobs or more, but at most 10 are allowed here. Take something out of the matrix.'));
  budget.work(500_000);
  expect(budget.spent).toBe(500_000);
  expect(() => budget.work(1)).toThrow('more than 500000 things');
  budget.text(20_000_000);
  expect(() => budget.text(1)).toThrow('more than 20000000 characters');
});

test('only what is too much is said; any other error is one', () => {
  const problems: string[] = [];
  const say = (problem: string): number => problems.push(problem);
  expect(withinBudget(() => 'made', 'nothing', say)).toBe('made');
  expect(withinBudget(() => refuse(new TooMuch('too much')), 'nothing', say)).toBe('nothing');
  expect(problems).toEqual(['too much']);
  expect(() => withinBudget(() => refuse(new RangeError('other')), 'nothing', say)).toThrow(RangeError);
});

function refuse(error: Error): string {
  throw error;
}
