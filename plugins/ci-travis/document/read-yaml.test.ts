import { array, assert, boolean, constantFrom, nat, oneof, property, string, tuple, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan, rows } from '../test-support.ts';

function errors(text: string): { text: string; line: number | null; column: number | null }[] {
  return plan(text)
    .messages.filter((message) => message.level === 'error')
    .map(({ text, line, column }) => ({ text, line, column }));
}

describe('YAML', () => {
  it('follows anchors, and merges where the merge stands', () => {
    const text =
      '_base: &base {python: 3.6, name: a}\nlanguage: python\njobs:\n  include:\n    - <<: *base\n      name: b\n    - name: c\n      <<: *base\n';
    expect(rows(text, ['python', 'name'])).toEqual([
      { python: '3.6', name: 'b' },
      { python: '3.6', name: 'a' },
    ]);
  });

  it('takes the last of equal keys, an unknown alias for nothing, the first of documents', () => {
    expect(rows('script: a\nscript: b\ninstall: *nowhere\n---\nscript: c\n', ['script', 'install'])).toEqual([{ script: ['b'] }]);
  });

  it('reads a byte order mark, an indented file, and quotes that go on too far left', () => {
    expect(rows('\uFEFFscript: a\n', ['script'])).toEqual([{ script: ['a'] }]);
    expect(rows('  script: a\n  install: b\n', ['script', 'install'])).toEqual([{ script: ['a'], install: ['b'] }]);
    expect(rows("script:\n  - 'a\nb'\n", ['script'])).toEqual([{ script: ['a b'] }]);
  });

  it.each([
    ['script: [a\n', 'not valid YAML', 1],
    ['a: b\nc: d: e\n', 'not valid YAML', 2],
    ['- a\n- b\n', 'must be a mapping', 1],
    ['a: "b\n', 'not valid YAML', 1],
    ['? [a]\n: b\n', 'a key must be text', 1],
  ])('says where %j is wrong', (text, problem, line) => {
    expect(errors(text)).toMatchObject([{ text: expect.stringContaining(problem), line }]);
    expect(plan(text).jobs).toEqual([]);
  });

  it('refuses bombs of aliases and depth', () => {
    const levels = Array.from(
      { length: 20 },
      (_, index) => `a${index + 1}: &a${index + 1} [${Array.from({ length: 9 }, () => `*a${index}`).join(', ')}]`,
    );
    expect(errors(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toMatchObject([{ text: expect.stringContaining('more than 100000 values') }]);
    expect(errors(`a: ${'['.repeat(5000)}`)).toMatchObject([{ text: expect.stringContaining('100 levels') }]);
    expect(errors(`a: &a [*a]\n`)).toEqual([]);
  });

  it('never throws, whatever the text', () => {
    assert(
      property(oneof(string({ unit: 'binary' }), mutated()), (text) => {
        const found = plan(text);
        expect(Array.isArray(found.jobs)).toBe(true);
        expect(found.jobs.length + found.messages.length).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });
});

function mutated(): Arbitrary<string> {
  const key = constantFrom(
    'python',
    'env',
    'matrix',
    'jobs',
    'include',
    'stages',
    'if',
    'os',
    'cache',
    'deploy',
    'git',
    'secure',
    'global',
    '<<',
    'on',
    '&a',
    '"',
  );
  const value = constantFrom('', '3.6', 'true', '[a, b]', '{a: b}', '*a', '&a x', 'A="1', '- x', '|', '!!binary x', 'branch =~ (', '[{}]', '~', '"');
  const line = tuple(nat(3), boolean(), key, value).map(([depth, item, name, text]) => `${'  '.repeat(depth)}${item ? '- ' : ''}${name}: ${text}`);
  return array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
}
