import type { CiProvider } from '#plugins/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { description } from './description.ts';
import { TerrariumCi } from './provider.ts';
import { CHANGE, contextOf } from './test-support.ts';

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

/** What this provider promises beyond the contract of all: jobs or errors, never both, never neither; and names of their own. */
function check(text: string): void {
  const plan = provider.parse({ file: '.terrarium.yml', texts: new Map(), text, change: CHANGE });
  const failed = plan.messages.some(({ level }) => level === 'error');
  expect(plan.jobs.length > 0).toBe(!failed);
  expect(new Set(plan.jobs.map(({ name }) => name)).size).toBe(plan.jobs.length);
}

describe('a text that looks like a description', () => {
  it('makes jobs, or has an error', () => {
    fc.assert(fc.property(nearly, check), { numRuns: 1000 });
  });
});
