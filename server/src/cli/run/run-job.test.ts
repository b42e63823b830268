import { describe, expect, it } from 'vitest';
import { jobSpec, LINUX } from '../../builds/testing/rows.ts';
import { whyUnavailable } from './run-job.ts';

const IMAGE = {
  system: 'linux',
  architecture: 'x86_64',
  interpreters: [{ name: '3.11', implementation: 'cpython', version: '3.11.2', path: '/usr/bin/python3.11' }],
};

describe('a job that wants what this computer does not have', () => {
  const spec = (interpreter: string, ifAvailable: boolean) => ({ ...jobSpec(interpreter), requirements: { ...LINUX, interpreter }, ifAvailable });
  const why = (one: ReturnType<typeof spec>, ...others: ReturnType<typeof spec>[]) => whyUnavailable(one, [one, ...others], { image: IMAGE });

  it('is skipped if it is for those who have it, and another one can run', () => {
    expect(why(spec('3.4', true), spec('3.11', true))).toContain('it wants Python 3.4');
    expect(why(spec('3.11', true), spec('3.4', true))).toBeNull();
    expect(why(spec('3.4', true), spec('3.3', true))).toBeNull();
    expect(why(spec('3.4', false), spec('3.11', true))).toBeNull();
  });
});
