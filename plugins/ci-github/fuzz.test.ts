import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobSpec } from '#plugins/api';
import { evaluate } from './expressions/evaluate.ts';
import { Open } from './expressions/open.ts';
import { parseExpression } from './expressions/parse.ts';
import { BadExpression } from './expressions/tokens.ts';
import { fromJson } from './expressions/value.ts';
import { plan, pullRequest, push, steps, tag } from './test-support.ts';

const KEYS = [
  'name',
  'on',
  'env',
  'defaults',
  'jobs',
  'runs-on',
  'steps',
  'run',
  'uses',
  'with',
  'if',
  'needs',
  'strategy',
  'matrix',
  'include',
  'exclude',
  'shell',
  'continue-on-error',
  'timeout-minutes',
  'container',
  'services',
  'id',
  'working-directory',
  'python-version',
  'fetch-depth',
  'os',
  'push',
  'branches',
  'fail-fast',
  '__proto__',
  'toString',
  '<<',
  'max-parallel',
  'labels',
  'group',
  'architecture',
  'tags-ignore',
  'types',
  'paths',
];
const SCALARS = [
  'push',
  'pull_request',
  'ubuntu-latest',
  'windows-2022',
  'pytest',
  'true',
  'False',
  '3.10',
  '"3.10"',
  '~',
  '""',
  '0x1f',
  'test',
  'bash',
  'cmd',
  '"bash {0}"',
  '-1',
  '1e9',
  '"${{ matrix.os }}"',
  '"${{ fromJSON(matrix.os) }}"',
  '"${{ github.event.x.y }}"',
  '"${{ steps.a.outputs.b }}"',
  '"${{ 1 + }}"',
  '"${{ secrets.A || env.B }}"',
  'always()',
  '"!cancelled()"',
  'failure() && steps.a.outcome',
  'actions/setup-python@v5',
  'actions/checkout@v4',
  'astral-sh/setup-uv@v6',
  '*a',
  '&a b',
  '|',
  '"a\\0"',
  '"**"',
];

/** What a workflow might look like if somebody with bad luck wrote it. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALARS),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 4 }).map(mapOf),
  ),
}));
const entries = fc.array(fc.tuple(fc.constantFrom(...KEYS), value), { maxLength: 4 });
const nearly = fc
  .tuple(entries, entries, fc.array(entries, { maxLength: 3 }))
  .map(([root, job, list]) =>
    mapOf([
      ['on', '[push, pull_request]'],
      ...root,
      ['jobs', mapOf([['test', mapOf([['runs-on', 'ubuntu-latest'], ...job, ['steps', `[{run: pytest}, ${list.map(mapOf).join(', ')}]`]])]])],
    ]),
  );

function mapOf(pairs: readonly (readonly [string, string])[]): string {
  return `{${[...new Map(pairs)].map(([key, one]) => `${key}: ${one}`).join(', ')}}`;
}

/** What this provider promises beyond the contract of all: jobs and errors exclude each other, no jobs has a reason, names are their own. */
function check(text: string): void {
  for (const change of [push(), tag('a'), pullRequest()]) {
    const { jobs, messages } = plan({ 'a.yml': text, 'b.yml': 'on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}}\n' }, change);
    if (messages.some(({ level }) => level === 'error')) expect(jobs).toEqual([]);
    else if (jobs.length === 0) expect(messages).not.toEqual([]);
    for (const job of jobs) expect(JobSpec.parse(job)).toEqual(job);
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
  }
}

describe('a text that looks like a workflow', () => {
  it('makes jobs, or says why not', () => {
    fc.assert(fc.property(nearly, check), { numRuns: 500 });
  });

  it('is refused where it would fill memory or the queue, and says so at once', () => {
    const errors = (text: string): unknown[] => plan(text).messages.filter(({ level }) => level === 'error');
    const axis = (name: string, size: number): string => `${name}: [${Array.from({ length: size }, (_, index) => index).join(', ')}]`;
    const many = steps('- run: pytest', `strategy:\n  matrix: {${['a', 'b', 'c', 'd', 'e'].map((name) => axis(name, 500)).join(', ')}}`);
    expect(errors(many)).toEqual([expect.objectContaining({ text: expect.stringContaining('31250000000000 rows, but at most 256') })]);
    const long = steps(`- run: |\n    pytest\n    ${'x'.repeat(150_000)}`, `strategy:\n  matrix: {${axis('a', 200)}}`);
    expect(errors(long)).toEqual([expect.objectContaining({ text: expect.stringContaining('too much text for so many') })]);
    const jobs = Array.from(
      { length: 5 },
      (_, index) => `  j${index}:\n    runs-on: ubuntu-latest\n    strategy: {matrix: {${axis('a', 250)}}}\n    steps: [{run: pytest}]`,
    );
    expect(errors(`on: push\njobs:\n${jobs.join('\n')}\n`)).toEqual([
      expect.objectContaining({ text: expect.stringContaining('1250 jobs or more, but at most 1000') }),
    ]);
    const levels = Array.from({ length: 20 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`);
    expect(errors(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toEqual([expect.objectContaining({ text: expect.stringContaining('too large') })]);
  });
});

describe('an expression', () => {
  const words = fc.constantFrom(
    "'a'",
    '1',
    '-.5',
    'x',
    'x.y',
    'x.*',
    '[0]',
    "['b']",
    '(',
    ')',
    '&&',
    '||',
    '==',
    '!=',
    '<',
    '>=',
    '!',
    ',',
    'contains(',
    'fromJSON(',
    "format('{0}',",
    'true',
    'null',
    '.',
    ' ',
    '$',
  );

  it('has a value, or is refused with a reason', () => {
    const contexts = new Map([['x', fromJson({ y: [1, { b: 'c' }], b: null })]]);
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (list) => {
        try {
          const found = evaluate(parseExpression(list.join('')), { contexts, status: null });
          expect(found instanceof Open).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(BadExpression);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
