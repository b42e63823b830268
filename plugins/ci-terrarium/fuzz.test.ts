import { type CiProvider, JobSpec, Message } from '#plugins/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { description } from './description.ts';
import { TerrariumCi } from './provider.ts';
import { CHANGE, contextOf } from './testing.ts';

const provider: CiProvider = new TerrariumCi(contextOf());
const KEYS = [
  ...Object.keys(Object(description.schema['properties'])),
  'name',
  'allow-failure',
  'depth',
  'time',
  'x-a',
  '<<',
  '__proto__',
  'toString',
];
const SCALARS = [
  '3.9',
  '3.10',
  'linux',
  'x86_64',
  'pytest',
  'true',
  'false',
  '50m',
  'all',
  'sh',
  'test',
  '',
  '~',
  '"a\\0"',
  '*a',
  '&a b',
  '!!int 3',
  '>-',
  'none',
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
    .map((pairs) => pairs.map(([key, value]) => `${key}: ${value}`).join('\n')),
}));

/** The promises of `CiProvider`, whatever the text. */
function check(text: string): void {
  const input = { file: '.terrarium.yml', text, change: CHANGE };
  const plan = provider.parse(input);
  for (const job of plan.jobs) JobSpec.parse(job);
  for (const message of plan.messages) Message.parse(message);
  const failed = plan.messages.some(({ level }) => level === 'error');
  expect(plan.jobs.length > 0).toBe(!failed);
  expect(new Set(plan.jobs.map(({ name }) => name)).size).toBe(plan.jobs.length);
  expect(plan.jobs.every(({ stage }) => plan.stages.includes(stage))).toBe(true);
  expect(provider.parse(input)).toEqual(plan);
}

describe('whatever the text', () => {
  it('is, nothing is thrown, and there are jobs or errors', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'[]{}:,-&*!|>\'"%@`#?~ \n\tab1'.split('')) })), check),
      {
        numRuns: 1500,
      },
    );
  });

  it('is that looks like a description, the same', () => {
    fc.assert(fc.property(nearly, check), { numRuns: 1500 });
  });

  it('is that began as a right one, the same', () => {
    const right = 'python: [3.9, 3.10]\nenv: [{A: 1}]\ninstall: |\n  a\n  b\ntest: &t [x, y]\njobs:\n  - name: n\n    test: *t\nlimits: {time: 1h}\n';
    const spoilt = fc.tuple(fc.nat(right.length), fc.nat(12), fc.string({ unit: fc.constantFrom(...' \n[]{}:-"*&x3'.split('')), maxLength: 6 }));
    fc.assert(
      fc.property(spoilt, ([at, length, put]) => check(right.slice(0, at) + put + right.slice(at + length))),
      { numRuns: 1500 },
    );
  });
});
