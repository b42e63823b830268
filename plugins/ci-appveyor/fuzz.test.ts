import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobSpec } from '#plugins/api';
import { plan, push, tag } from './test-support.ts';

const KEYS = [
  'environment',
  'matrix',
  'global',
  'only',
  'except',
  'exclude',
  'allow_failures',
  'fast_finish',
  'for',
  'branches',
  'skip_commits',
  'message',
  'image',
  'platform',
  'configuration',
  'install',
  'test_script',
  'on_finish',
  'build',
  'test',
  'cmd',
  'ps',
  'sh',
  'secure',
  'PYTHON',
  'PYTHON_ARCH',
  'job_name',
  'job_depends_on',
  'clone_depth',
  'version',
  'stack',
  'artifacts',
  '<<',
  '__proto__',
  'toString',
];
const SCALARS = [
  'off',
  'Yes',
  'none',
  '~',
  '""',
  'x86',
  'Ubuntu',
  '/a(/',
  '/(a+)+$/',
  'C:\\Python27',
  '3.10',
  '64',
  'a',
  '"a\\0"',
  '%A%',
  '*a',
  '&a b',
  '|',
  '>-',
  '!!int 3',
  'v{build}',
  'echo (',
];

/** What a description might look like if somebody with bad luck wrote it. */
const { text: nearly } = fc.letrec<{ text: string; value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALARS),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
  ),
  text: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 8 })
    .map((pairs) => `test_script: pytest\n${pairs.map(([key, value]) => `${key}: ${value}`).join('\n')}`),
}));

/** What this provider promises beyond the contract of all: jobs and errors exclude each other, no jobs has a reason, names are their own. */
function check(text: string): void {
  for (const change of [push({ message: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaab' }), tag('a')]) {
    const { jobs, messages } = plan(text, change);
    if (messages.some(({ level }) => level === 'error')) expect(jobs).toEqual([]);
    else if (jobs.length === 0)
      expect(messages).toContainEqual(expect.objectContaining({ level: 'info', text: expect.stringMatching(/not build|No job|nothing to build/) }));
    for (const job of jobs) expect(JobSpec.parse(job)).toEqual(job);
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
  }
}

describe('a text that looks like a description', () => {
  it('makes jobs, or says why not', () => {
    fc.assert(fc.property(nearly, check), { numRuns: 600 });
  });

  it('is refused where it would fill memory or the queue, and says so at once', () => {
    const axis = (name: string): string => `${name}: [${Array.from({ length: 400 }, (_, index) => index).join(', ')}]\n`;
    const errors = (text: string): unknown[] => plan(text).messages.filter(({ level }) => level === 'error');
    expect(errors(`test_script: a\n${axis('platform')}${axis('configuration')}`)).toEqual([
      expect.objectContaining({ text: expect.stringContaining('160000 rows, but at most 2000') }),
    ]);
    expect(errors(`${axis('platform')}test_script:\n${'- a\n'.repeat(5000)}`)).toEqual([
      expect.objectContaining({ text: expect.stringContaining('too much') }),
    ]);
    const levels = Array.from({ length: 20 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`);
    expect(errors(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toEqual([expect.objectContaining({ text: expect.stringContaining('too large') })]);
    expect(errors(`test_script: ${'x'.repeat(300_000)}\n`)).toEqual([expect.objectContaining({ text: expect.stringContaining('too large') })]);
    expect(errors('test_script: a\nenvironment:\n\tA: b\n')).not.toEqual([]);
  });
});
