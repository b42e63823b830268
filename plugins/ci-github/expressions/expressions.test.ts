import { describe, expect, it } from 'vitest';
import { evaluate, type Outcome } from './evaluate.ts';
import { type Context, never, Open, OpenMap, reference } from './open.ts';
import { parseExpression } from './parse.ts';
import { fillTemplate, parseTemplate } from './template.ts';
import { BadExpression } from './tokens.ts';
import { fromJson, type Value } from './value.ts';

const OUTPUT = reference({ from: 'output', step: 'a', name: 'b' });

function contexts(more: Readonly<Record<string, Context>> = {}): Map<string, Context> {
  const github = { event_name: 'push', ref: 'refs/heads/main', labels: [{ name: 'bug' }, { name: 'help wanted' }] };
  return new Map<string, Context>([
    ['github', fromJson(github)],
    ['matrix', fromJson({ os: 'ubuntu-latest', 'python-version': '3.10', free: true, n: 3 })],
    ['steps', new OpenMap({ a: new OpenMap({ outputs: OUTPUT }, null) }, null)],
    ['unknown', never('nobody knows')],
    ...Object.entries(more),
  ]);
}

function value(source: string, status: 'passing' | 'failing' | null = null): Outcome {
  return evaluate(parseExpression(source), { contexts: contexts(), status });
}

describe('an expression', () => {
  it.each<[string, Value]>([
    ["'It''s open source!'", "It's open source!"],
    ['711', 711],
    ['-9.2', -9.2],
    ['0xff', 255],
    ['-2.99e-2', -0.0299],
    ['null', null],
    ['github.event_name', 'push'],
    ["github['EVENT_NAME']", 'push'],
    ['GITHUB.Event_Name', 'push'],
    ['github.nothing.at.all', null],
    ['matrix.python-version', '3.10'],
    ["matrix['python-version']", '3.10'],
    ["join(github.labels.*.name, ', ')", 'bug, help wanted'],
    ["contains(github.labels.*.name, 'BUG')", true],
    ['github.labels[1].name', 'help wanted'],
    ['github.labels[7].name', null],
  ])('%s is %j', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each<[string, Value]>([
    ['!2 < 3', true],
    ['!(2 < 3)', false],
    ['3 < 2 < 1', true],
    ['2 <= 3 == true', true],
    ['2 == 2 != 0', true],
    ['1 == 1 && 2', 2],
    ["'a' == ('a' && 'b')", false],
    ['false && 0 || null', null],
    ['1 || 2 && 3', 1],
    ['(1 || 2) && 3', 3],
    ["matrix.os == 'ubuntu-latest' && 'yes' || 'no'", 'yes'],
    ["!startsWith(matrix.os, 'windows') && matrix.n >= 3", true],
  ])('%s is %j by the order of operators', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    ["'A' == 'a'", true],
    ["null == ''", true],
    ['null == 0', true],
    ['true == 1', true],
    ["true == 'true'", false],
    ["'' == false", true],
    ["'1' == 1", true],
    ["'abc' == 0", false],
    ["'abc' < 1", false],
    ["'abc' >= 1", false],
    ['github == github', true],
    ['github.labels == github', false],
    ["'b' > 'A'", true],
  ])('%s is %s, loosely', (source, expected) => {
    expect(value(source)).toBe(expected);
  });

  it.each<[string, Value]>([
    ["contains('Hello world', 'LLO')", true],
    ['contains(fromJSON(\'["push", "pull_request"]\'), github.event_name)', true],
    ["startsWith('Hello world', 'He')", true],
    ["endsWith('Hello world', 'LD')", true],
    ["format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", 'Hello Mona the Octocat'],
    ["format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')", '{Hello Mona the Octocat!}'],
    ["format('{0}', 0.84551240822557006)", '0.84551240822557'],
    ["format('{0}|{1}|{2}', null, -0, github)", '|0|Object'],
    ["join('a')", 'a'],
    ['fromJSON(\'{"a": [1]}\').a[0]', 1],
    ["case(github.ref == 'refs/heads/main', 'production', 'development')", 'production'],
    ["case(false, 1, github.event_name == 'push', 2, 3)", 2],
    ["fromJSON('3') == 3", true],
  ])('%s is %j', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it('prints JSON with two blanks a level', () => {
    expect(value('toJSON(fromJSON(\'{"a":[1,null]}\'))')).toBe('{\n  "a": [\n    1,\n    null\n  ]\n}');
  });

  it.each([
    ['always()', true, true],
    ['success()', true, false],
    ['failure()', false, true],
    ['cancelled()', false, false],
    ['!cancelled()', true, true],
  ])('%s is %s after success and %s after a failure', (source, passing, failing) => {
    expect([value(source, 'passing'), value(source, 'failing')]).toEqual([passing, failing]);
  });

  it.each([
    ['', 'nothing stands in it'],
    ['"double"', 'single quotes'],
    ["github.event_name = 'push'", 'nothing that belongs there'],
    ['gihtub.ref', 'Did you mean "github"'],
    ['startWith(1, 2)', 'Did you mean "startsWith"'],
    ['contains(1)', 'takes 2 arguments'],
    ['success()', 'in an "if"'],
    ['foo.1', 'not expected there'],
    ['(1', '")" is missing'],
    ['1 2', 'not expected'],
    ['a ||', 'ends too early'],
    ["fromJSON('nope')", 'is no JSON'],
    ["format('{1}', 2)", 'stands for nothing'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 'levels deep'],
    [Array(1500).fill('1').join('||'), 'words'],
  ])('%j is refused: %s', (source, why) => {
    expect(() => value(source)).toThrow(BadExpression);
    expect(() => value(source)).toThrow(why);
  });
});

describe('what is not known yet', () => {
  it('is left over, and all else worked out', () => {
    expect(value("github.event_name == 'push' && steps.a.outputs != 'no'")).toEqual(
      new Open({ kind: 'binary', operator: '!=', left: OUTPUT.later, right: { kind: 'value', value: 'no' } }),
    );
    expect(value("github.event_name == 'pull_request' && steps.a.outputs == 'no'")).toBe(false);
    expect(value("steps.a.outputs == 'no' && github.event_name == 'pull_request'")).toBe(false);
    expect(value("github.event_name == 'push' || unknown")).toBe(true);
  });

  it('says why where it can never be known', () => {
    for (const source of [
      'unknown.x.y',
      "contains(unknown.*.name, 'x')",
      "hashFiles('x')",
      'steps.a.outputs < 3',
      'fromJSON(steps.a.outputs)',
      'toJSON(steps)',
    ])
      expect(value(source)).toEqual(new Open({ kind: 'never', why: expect.stringMatching(/know|yet/) }));
  });
});

describe('a text with expressions', () => {
  const fill = (text: string): unknown => fillTemplate(parseTemplate(text), { contexts: contexts(), status: null });

  it('has what is known put in', () => {
    expect(fill("py${{ matrix.python-version }}-${{ matrix.os }}${{ '}}' }}!")).toEqual({ parts: ['py3.10-ubuntu-latest}}!'], whys: [] });
    expect(fill('${{ steps.a.outputs }}/${{ unknown }}x')).toEqual({ parts: [OUTPUT.later, '/x'], whys: ['nobody knows'] });
    expect(fill('$ {{ }} $')).toEqual({ parts: ['$ {{ }} $'], whys: [] });
  });

  it('is refused where an expression has no end', () => {
    expect(() => parseTemplate('a ${{ b')).toThrow('"}}" is missing');
    expect(() => parseTemplate("a ${{ 'b }}")).toThrow('"}}" is missing');
  });
});
