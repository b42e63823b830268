import { describe, expect, test } from 'vitest';
import type { CiPlan, CiProvider, JobSpec } from '#plugins/api';
import { jobSpec } from '../builds/testing/rows.ts';
import { plannedJobs } from './planned-jobs.ts';

const ASKING = jobSpec('ask', { stage: 'ask', plans: { file: 'tool.py', answer: 'home/answer', stage: 'test', otherwise: 'all' } });

/** Reads a number: of so many jobs, which would ask again if they could. */
const TOOL: CiProvider = {
  kind: 'tool',
  files: ['tool.py'],
  title: 'tool',
  parse: () => plan([]),
  planned: (answer, asking) => {
    const count = Number(answer);
    if (Number.isNaN(count)) return { ...plan([]), messages: [{ level: 'error', text: `no number: ${answer}`, path: '', line: null, column: null }] };
    return plan(Array.from({ length: count }, (_, index) => ({ ...asking, name: `job ${index}`, stage: 'elsewhere' })));
  },
};

function plan(jobs: JobSpec[]): CiPlan {
  return { jobs, stages: ['ask', 'test'], declaredStages: [], messages: [], fastFinish: false };
}

describe('what a job has found out', () => {
  test('becomes jobs of the stage that it named, which do not ask again', () => {
    const found = plannedJobs(ASKING, '2', [TOOL], false);
    expect(found).toMatchObject({
      jobs: [
        { name: 'job 0', stage: 'test' },
        { name: 'job 1', stage: 'test' },
      ],
    });
    expect(JSON.stringify(found)).not.toContain('plans');
  });

  test.each([
    ['x', [TOOL], 'no number: x'],
    ['0', [TOOL], 'it has found nothing to run'],
    ['1', [], 'nobody here reads what it has found out: its plugin is configured no longer'],
  ])('of %j says why there are none', (answer, providers, problem) => {
    expect(plannedJobs(ASKING, answer, providers, false)).toEqual({ problem });
  });

  test('may be much, but of a change that nobody has approved', () => {
    expect(plannedJobs(ASKING, '101', [TOOL], false)).toMatchObject({ jobs: { length: 101 } });
    expect(plannedJobs(ASKING, '101', [TOOL], true)).toEqual({ problem: expect.stringContaining('101 jobs') });
    expect(plannedJobs(ASKING, '100', [TOOL], true)).toMatchObject({ jobs: { length: 100 } });
  });
});
