import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestReport } from '#server/api';
import { ReportReader } from './report-reader.ts';

const TREE = 'build/ada/shop';
const HOME = `/work/home/${TREE}`;
/** As wide as a terminal of 80 columns. */
function centred(title: string, fill: string): string {
  const left = Math.max(1, Math.floor((78 - title.length) / 2));
  return `${fill.repeat(left)} ${title} ${fill.repeat(Math.max(1, 78 - title.length - left))}`;
}
const under = (title: string): string => centred(title, '_');
const rule = (title: string): string => centred(title, '=');

function read(...lines: string[]): TestReport | null {
  const reader = new ReportReader(TREE);
  reader.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return reader.end();
}

function told(report: TestReport | null): string[] {
  return (report?.failures ?? []).map(({ outcome, name, file, line, message }) => `${outcome} ${name} | ${file}:${line} | ${message}`);
}

/** A session of pytest 9 with a failure of each kind. */
const SESSION = [
  rule('test session starts'),
  'platform linux -- Python 3.11.7, pytest-9.0.3, pluggy-1.6.0',
  `rootdir: ${HOME}`,
  'collected 8 items / 1 error',
  rule('ERRORS'),
  under('ERROR collecting tests/test_broken.py'),
  `ImportError while importing test module '${HOME}/tests/test_broken.py'.`,
  '/usr/lib/python3.11/importlib/__init__.py:126: in import_module',
  '    return _bootstrap._gcd_import(name[level:], package, level)',
  'tests/test_broken.py:1: in <module>',
  '    import nothing_of_that_name',
  "E   ModuleNotFoundError: No module named 'nothing_of_that_name'",
  under('ERROR at setup of test_needs_shop'),
  ">       raise RuntimeError('no shop')",
  'E       RuntimeError: no shop',
  '',
  'tests/test_money.py:17: RuntimeError',
  rule('FAILURES'),
  under('TestCurrency.test_known[a b - c]'),
  'self = <tests.test_money.TestCurrency object at 0x7efea6cd9fd0>',
  'E       AssertionError: unknown currency a b - c',
  "E       assert 'a b - c' in ('euro',)",
  '',
  'tests/test_money.py:13: AssertionError',
  under('OldStyle.test_deep'),
  '>       money.fails()',
  '',
  'tests/test_money.py:28: ',
  '_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _',
  'E       ValueError: money fails',
  'E       in two lines',
  '',
  'shop/money.py:8: ValueError',
  '----------------------------- Captured stdout call -----------------------------',
  'E   not an error',
  '_____ not a heading _____',
  rule('short test summary info'),
  'FAILED tests/test_money.py::TestCurrency::test_known[a b - c] - AssertionErro...',
  'FAILED tests/test_money.py::OldStyle::test_deep - ValueError: money fails',
  'ERROR tests/test_broken.py',
  'ERROR tests/test_money.py::test_needs_shop - RuntimeError: no shop',
  rule('2 failed, 4 passed, 1 skipped, 2 errors in 0.03s'),
];
const FAILURES = [
  "errored tests/test_broken.py | tests/test_broken.py:1 | ModuleNotFoundError: No module named 'nothing_of_that_name'",
  'errored test_needs_shop | tests/test_money.py:17 | RuntimeError: no shop',
  "failed TestCurrency.test_known[a b - c] | tests/test_money.py:13 | AssertionError: unknown currency a b - c\nassert 'a b - c' in ('euro',)",
  'failed OldStyle.test_deep | tests/test_money.py:28 | ValueError: money fails\nin two lines',
];

describe('of pytest', () => {
  test('each failure is told with its place in the test, its reason and its line of the log; what tests print is not taken for more', () => {
    const report = read('$ pytest', ...SESSION);
    expect(report).toMatchObject({ passed: 4, failed: 2, errored: 2, skipped: 1 });
    expect(told(report)).toEqual(FAILURES);
    expect(report?.failures.map(({ logLine }) => ['$ pytest', ...SESSION][logLine])).toEqual([SESSION[5], SESSION[12], SESSION[18], SESSION[24]]);
  });

  test('colours and overwritten progress change nothing', () => {
    const coloured = SESSION.map((line) => `working\r\u001B[31m\u001B[1m${line.slice(0, 3)}\u001B[0m${line.slice(3)}\u001B]8;;x\u0007\r`);
    expect(told(read(...coloured))).toEqual(FAILURES);
  });

  test('quiet, with the short style and without a summary, as older ones do', () => {
    const report = read(
      '.F',
      rule('FAILURES'),
      under('test_a'),
      'test_a.py:3: in test_a',
      '    assert 1 == 3',
      'E   assert 1 == 3',
      '1 failed, 1 passed in 0.02 seconds',
    );
    expect(told(report)).toEqual(['failed test_a | test_a.py:3 | assert 1 == 3']);
    expect(report).toMatchObject({ passed: 1, failed: 1 });
  });

  test("with Python's own traceback", () => {
    const report = read(
      rule('FAILURES'),
      under('test_a'),
      'Traceback (most recent call last):',
      `  File "${HOME}/test_a.py", line 3, in test_a`,
      '    f()',
      'KeyError: 1',
      rule('1 failed in 0.1s'),
    );
    expect(told(report)).toEqual(['failed test_a | test_a.py:3 | KeyError: 1']);
  });

  test('without tracebacks, by the summary alone', () => {
    const report = read(
      rule('test session starts'),
      rule('short test summary info'),
      'FAILED tests/test_a.py::test_b[x - y] - assert 1 == 2',
      rule('1 failed in 0.1s'),
    );
    expect(told(report)).toEqual(['failed test_b[x - y] | tests/test_a.py:null | assert 1 == 2']);
  });

  test('called in a folder below, with the root folder of another: paths are those of the repository', () => {
    const session = [`rootdir: ${HOME}/python, configfile: pytest.ini`, rule('FAILURES'), under('test_b'), 'test_a.py:7: in test_b', 'E   assert 0'];
    const report = read(...session, rule('short test summary info'), 'FAILED tests/test_a.py::test_b - assert 0', rule('1 failed in 0.1s'));
    expect(told(report)).toEqual(['failed test_b | python/tests/test_a.py:7 | assert 0']);
  });

  test('several runs count together; one that was cut off tells what it had', () => {
    const report = read(...SESSION, rule('3 passed in 1.00s'), rule('test session starts'), rule('FAILURES'), under('test_cut'), 'E   lost');
    expect(report).toMatchObject({ passed: 7, failed: 3, errored: 2 });
    expect(told(report)).toEqual([...FAILURES, 'failed test_cut | null:null | lost']);
  });

  test('places outside of the repository, and in its environments, are none', () => {
    const places = ['/usr/lib/python3/x.py:1: in f', '../elsewhere/test_a.py:2: in f', 'venv/lib/python3/site-packages/p.py:3: in f'];
    expect(told(read(rule('FAILURES'), under('test_a'), ...places, 'E   no', rule('1 failed in 0.1s')))).toEqual(['failed test_a | null:null | no']);
  });
});

const DOUBLE = '='.repeat(70);
const SINGLE = '-'.repeat(70);

describe('of unittest', () => {
  test('each failure is told with the place of the test itself', () => {
    const report = read(
      'EF.',
      DOUBLE,
      'ERROR: test_deep (tests.test_money.OldStyle.test_deep)',
      SINGLE,
      'Traceback (most recent call last):',
      `  File "${HOME}/tests/test_money.py", line 28, in test_deep`,
      '    money.fails()',
      `  File "${HOME}/shop/money.py", line 8, in fails`,
      "    raise ValueError('money fails')",
      'ValueError: money fails',
      'in two lines',
      '',
      DOUBLE,
      'FAIL: test_prints (tests.test_money.OldStyle)',
      'What it is for.',
      SINGLE,
      'Traceback (most recent call last):',
      `  File "${HOME}/tests/helper.py", line 5, in check`,
      '    self.assertEqual(1, 2)',
      'AssertionError: 1 != 2',
      '',
      'Stdout:',
      'not of the reason',
      '',
      SINGLE,
      'Ran 4 tests in 0.001s',
      '',
      'FAILED (failures=1, errors=1, skipped=1)',
    );
    expect(told(report)).toEqual([
      'errored tests.test_money.OldStyle.test_deep | tests/test_money.py:28 | ValueError: money fails\nin two lines',
      'failed tests.test_money.OldStyle.test_prints | tests/helper.py:5 | AssertionError: 1 != 2',
    ]);
    expect(report).toMatchObject({ passed: 1, failed: 1, errored: 1, skipped: 1 });
  });

  test('a module that cannot be imported has its name; of chained errors the last counts', () => {
    const report = read(
      DOUBLE,
      'ERROR: tests.test_broken (unittest.loader._FailedTest.tests.test_broken)',
      SINGLE,
      'ImportError: Failed to import test module: tests.test_broken',
      'Traceback (most recent call last):',
      `  File "${HOME}/tests/test_broken.py", line 1, in <module>`,
      "ModuleNotFoundError: No module named 'nothing'",
    );
    expect(told(report)).toEqual(["errored tests.test_broken | tests/test_broken.py:1 | ModuleNotFoundError: No module named 'nothing'"]);
  });

  test('what passed is counted, as nose counts it, too; what should have failed and did not has failed', () => {
    expect(read(SINGLE, 'Ran 3 tests in 0.001s', '', 'OK (SKIP=1)')).toMatchObject({ passed: 2, skipped: 1, failures: [] });
    expect(read(DOUBLE, 'UNEXPECTED SUCCESS: test_a (m.C)', SINGLE, 'Ran 1 test in 0.1s', '', 'FAILED (unexpected successes=1)')).toMatchObject({
      passed: 0,
      failed: 1,
    });
  });
});

test('a log without tests says nothing of any', () => {
  expect(read('make: *** [all] Error 2', DOUBLE, rule('a title'), SINGLE, '')).toBeNull();
});

test('of very many failures the first hundred are kept, and all are counted', () => {
  const many = Array.from({ length: 150 }, (_, index) => [under(`test_${index}`), 'E   no']).flat();
  const report = read(rule('FAILURES'), ...many, rule('150 failed in 0.1s'));
  expect([report?.failed, report?.failures.length]).toEqual([150, 100]);
});

test('a log of nothing but failures takes no longer for each the more there are', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `FAILED tests/test_a.py::test_${index} - no`);
  expect(read(rule('short test summary info'), ...names, rule('100000 failed in 9s'))).toMatchObject({ failed: 100_000 });
});

test('the same is read whatever pieces the log comes in', () => {
  const bytes = Buffer.from(SESSION.join('\n'));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const reader = new ReportReader(TREE);
      const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
      places.forEach((place, index) => reader.push(bytes.subarray(place, places[index + 1] ?? bytes.length)));
      expect(told(reader.end())).toEqual(FAILURES);
    }),
  );
});

test('nothing makes it fail, and what it gives can be stored', () => {
  const words = [
    ...SESSION,
    DOUBLE,
    SINGLE,
    'FAIL: ',
    'Ran 9 tests in 1s',
    'FAILED (failures=9)',
    'E   ',
    ':1: in',
    '\0',
    '\uD800',
    '[',
    '_ a _',
    '=== 9 failed in 1s ===',
  ];
  const line = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.constantFrom(...words), fc.string()).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const report = read(...lines);
      if (report === null) return;
      expect(() => TestReport.parse(report)).not.toThrow();
      expect(JSON.stringify(report)).not.toMatch(/\\u0000|\\ud[89a-f]/);
    }),
  );
});
