import { describe, expect, it } from 'vitest';
import type { AnsiSpan } from './ansi.ts';
import { PLAIN } from './ansi.ts';
import { findFirstError } from './first-error.ts';
import { markMatches } from './highlight.ts';
import { extendRange, readLineRange, writeLineRange } from './line-range.ts';
import { layOutLines, layOutSteps, stepOfLine } from './rows.ts';

const steps = [
  { startLine: 2, endLine: 5 },
  { startLine: 5, endLine: 5 },
  { startLine: 6, endLine: null },
];

describe('layOutSteps', () => {
  it('puts each head before its lines, and lines of no step where they are', () => {
    const layout = layOutSteps(steps, 8, () => false);
    const rows = Array.from({ length: layout.count }, (_, row) => layout.rowAt(row));
    expect(rows.map((row) => (row?.kind === 'head' ? `head ${row.step}` : row?.line))).toEqual([
      0,
      1,
      'head 0',
      2,
      3,
      4,
      'head 1',
      5,
      'head 2',
      6,
      7,
    ]);
  });

  it('leaves out folded lines and leads to their head', () => {
    const layout = layOutSteps(steps, 8, (step) => step === 0);
    expect(layout.count).toBe(8);
    expect(layout.rowAt(2)).toEqual({ kind: 'head', step: 0 });
    expect(layout.rowAt(layout.rowOfLine(7))).toMatchObject({ kind: 'line', line: 7 });
  });

  it('finds heads and lines again', () => {
    const layout = layOutSteps(steps, 8, () => false);
    for (let line = 0; line < 8; line += 1) expect(layout.rowAt(layout.rowOfLine(line))).toMatchObject({ line });
    for (let step = 0; step < 3; step += 1) expect(layout.rowAt(layout.rowOfHead(step))).toEqual({ kind: 'head', step });
  });

  it('is not troubled by steps that are ahead of the lines', () => {
    const layout = layOutSteps([{ startLine: 10, endLine: 20 }], 4, () => false);
    expect(layout.count).toBe(5);
    expect(layout.rowAt(5)).toBeNull();
  });
});

describe('layOutLines', () => {
  it('shows only those lines', () => {
    const layout = layOutLines([3, 900_000]);
    expect([layout.rowAt(0), layout.rowAt(1), layout.rowAt(2)]).toEqual([
      { kind: 'line', line: 3, step: null },
      { kind: 'line', line: 900_000, step: null },
      null,
    ]);
  });
});

describe('stepOfLine', () => {
  it('knows the step around a line, if there is one', () => {
    expect([0, 2, 4, 5, 100].map((line) => stepOfLine(steps, line))).toEqual([null, 0, 0, null, 2]);
  });
});

describe('line ranges', () => {
  it.each([
    ['#L120', { first: 120, last: 120 }],
    ['#L140-L120', { first: 120, last: 140 }],
    ['#L0', null],
    ['#Lx', null],
    ['', null],
  ])('reads %j', (hash, range) => expect(readLineRange(hash)).toEqual(range));

  it('writes what it reads', () => expect(writeLineRange({ first: 1, last: 9 })).toBe('#L1-L9'));
  it('extends from where it began, to either side', () => {
    expect(extendRange({ first: 5, last: 5 }, 2)).toEqual({ first: 2, last: 5 });
    expect(extendRange({ first: 5, last: 8 }, 9)).toEqual({ first: 5, last: 9 });
  });
});

describe('markMatches', () => {
  const spans: AnsiSpan[] = [
    { text: 'an Err', style: PLAIN },
    { text: 'or and error', style: { ...PLAIN, bold: true } },
  ];

  it('marks all places, also across a change of colour', () => {
    const marked = markMatches(spans, 'error');
    expect(marked.filter((span) => span.isMatch).map((span) => span.text)).toEqual(['Err', 'or', 'error']);
    expect(marked.map((span) => span.text).join('')).toBe('an Error and error');
  });

  it('marks nothing for nothing', () => expect(markMatches(spans, '').some((span) => span.isMatch)).toBe(false));
});

describe('findFirstError', () => {
  it('prefers what pytest says to a traceback before it', () => {
    expect(findFirstError(['Traceback (most recent call last):', 'x', 'E       AssertionError: assert 1 == 2'])).toBe(2);
  });

  it('finds a compiler error', () => expect(findFirstError(['cc -c a.c', "a.c:3:1: error: unknown type name 'foo'"])).toBe(1));
  it('finds a Python exception', () => expect(findFirstError(['  File "a.py"', 'ModuleNotFoundError: No module named x'])).toBe(1));
  it('does not see errors in test names', () => expect(findFirstError(['test_error_handling PASSED', 'no errors'])).toBeNull());
});
