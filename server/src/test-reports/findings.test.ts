import { describe, expect, test } from 'vitest';
import type { FailedTest, TestReport } from '#server/api';
import { combine, type Findings, NOTHING } from './findings.ts';
import { matchesGlob } from './path-glob.ts';
import { maskOf } from './mask.ts';
import { ReportReader } from './report-reader.ts';

function log(...lines: string[]): Findings {
  const reader = new ReportReader('build/ada/shop');
  reader.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return reader.end();
}

function outcomes(...lines: string[]): string[] {
  return log(...lines).cases.map(({ name, outcome }) => `${name} ${outcome}`);
}

function failure(name: string, changed: Partial<FailedTest> = {}): FailedTest {
  return { name, outcome: 'failed', file: null, line: null, message: '', logLine: null, ...changed };
}

function report(...failures: FailedTest[]): TestReport {
  return { passed: 1, failed: failures.length, errored: 0, skipped: 0, failures };
}

const START = `${'='.repeat(20)} test session starts ${'='.repeat(20)}`;

describe('tests one by one, of a verbose log', () => {
  test('of pytest, by the names that report files have', () => {
    const lines = [
      'tests/test_a.py::test_before PASSED   [  1%]',
      START,
      'tests/test_a.py::TestA::test_bad FAILED                                  [ 11%]',
      'tests/test_a.py::TestA::test_skip SKIPPED (no PASSED here)               [ 22%]',
      'tests/test_a.py::TestA::test_sub ',
      'tests/test_a.py::test_p[a::b PASSED] \u001B[32mXPASS\u001B[0m                    [ 33%]',
      'tests/test_a.py::test_f ERROR                                            [100%]',
      '[gw1] [ 50%] PASSED tests/sub/test_c.py::test_far ',
      `${'='.repeat(20)} FAILURES ${'='.repeat(20)}`,
      'tests/test_a.py::test_late PASSED',
    ];
    expect(outcomes(...lines)).toEqual([
      'tests.test_a.TestA.test_bad failed',
      'tests.test_a.TestA.test_skip skipped',
      'tests.test_a.test_p[a::b PASSED] passed',
      'tests.test_a.test_f errored',
      'tests.sub.test_c.test_far passed',
    ]);
  });

  test('of unittest, of older and newer Pythons', () => {
    const lines = [
      'test_a (tests.test_b.C) ... ok',
      'test_c (tests.test_b.C.test_c) ... FAIL',
      "test_d (tests.test_b.C) ... skipped 'no'",
      'test_e (t.C) ... ERROR',
    ];
    expect(
      outcomes(...lines, 'test_f (t.C) ... expected failure', 'test_g (t.C) ... unexpected success', 'test_h (t.C) ... printed something'),
    ).toEqual([
      'tests.test_b.C.test_a passed',
      'tests.test_b.C.test_c failed',
      'tests.test_b.C.test_d skipped',
      't.C.test_e errored',
      't.C.test_f passed',
      't.C.test_g failed',
    ]);
  });
});

describe("the total of coverage's table", () => {
  const HEAD = 'Name                 Stmts   Miss  Cover   Missing';
  test.each([
    [[HEAD, 'shop/money.py   10   2   80%   3-4', 'TOTAL   10   2    80%'], 80],
    [['Name      Stmts   Miss Branch BrPart  Cover', 'TOTAL        100     13     40      5  87.25%'], 87.25],
    [[HEAD, 'TOTAL   10   2    80%', HEAD, 'TOTAL   10   1    90%'], 90],
    [['TOTAL   10   2    80%'], null],
    [[HEAD, 'TOTAL   10   2    800%'], null],
    [[HEAD, 'TOTAL   10   2    8%%'], null],
  ])('%j is %j', (lines, total) => {
    expect(log(...lines).coverage).toBe(total);
  });
});

describe('files and log together', () => {
  test('where files tell of tests they are right, and the log says where it tells of a failure', () => {
    const files = { ...NOTHING, report: report(failure('tests.test_a.T.test_x'), failure('tests.test_a.test_y[x.test_x]')) };
    const told = {
      ...NOTHING,
      report: report(failure('T.test_x', { file: 'tests/test_a.py', line: 3, logLine: 7 }), failure('other', { logLine: 9 })),
      coverage: 5,
    };
    expect(combine(told, files)).toEqual({
      ...files,
      report: report(failure('tests.test_a.T.test_x', { file: 'tests/test_a.py', line: 3, logLine: 7 }), failure('tests.test_a.test_y[x.test_x]')),
      coverage: 5,
    });
  });

  test('tests of one name in two files each find their own line', () => {
    const files = { ...NOTHING, report: report(failure('a.test', { file: 'a.py', line: 1 }), failure('b.test', { file: 'b.py', line: 2 })) };
    const told = { ...NOTHING, report: report(failure('test', { file: 'b.py', logLine: 1 }), failure('test', { file: 'a.py', logLine: 2 })) };
    expect(combine(told, files).report?.failures.map(({ logLine }) => logLine)).toEqual([2, 1]);
  });

  test('where files say nothing of tests, the log does; what they say of coverage counts', () => {
    const told = { ...NOTHING, report: report(failure('a')), coverage: 5 };
    expect(combine(told, { ...NOTHING, coverage: 80, notes: ['n'] })).toEqual({ ...told, coverage: 80, notes: ['n'] });
  });
});

test.each([
  ['junit.xml', 'junit.xml', true],
  ['junit/*.xml', 'junit/a.xml', true],
  ['junit/*.xml', 'junit/a/b.xml', false],
  ['**/*.xml', 'a.xml', true],
  ['**/TEST-*.xml', 'a/b/TEST-c.xml', true],
  ['a/**/b/**/*.xml', 'a/x/b/y/z/c.xml', true],
  ['a/**/b/**/*.xml', 'a/x/y/c.xml', false],
  [`${'**/'.repeat(40)}x.xml`, `${'a/'.repeat(200)}y.xml`, false],
])('%s is %s: %j', (pattern, path, fits) => {
  expect(matchesGlob(pattern, path)).toBe(fits);
});

test('secrets are taken out of texts in all the forms in which a log has them', () => {
  const mask = maskOf([{ name: 'A', value: 'p&ssword"1' }]);
  expect(mask('say p&ssword"1, cCZzc3dvcmQiMQ==, p%26ssword%221')).toBe('say [secure], [secure], [secure]');
  expect(maskOf([])('p&ssword')).toBe('p&ssword');
});
