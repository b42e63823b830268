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
  return reader.end().report;
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
    expect(report?.failures.map(({ logLine }) => ['$ pytest', ...SESSION][logLine ?? -1])).toEqual([
      SESSION[5],
      SESSION[12],
      SESSION[18],
      SESSION[24],
    ]);
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

  test('called above the root folder or in it, which is not the repository itself: paths are those of the repository', () => {
    const session = (path: string): string[] => [
      `rootdir: ${HOME}/python, configfile: pytest.ini`,
      rule('FAILURES'),
      under('test_b'),
      `${path}:7: in test_b`,
      'E   assert 0',
      rule('short test summary info'),
      `FAILED ${path}::test_b - assert 0`,
      rule('1 failed in 0.1s'),
    ];
    const wanted = ['failed test_b | python/tests/test_a.py:7 | assert 0'];
    expect(told(read(...session('tests/test_a.py')))).toEqual(wanted);
    expect(told(read(...session('python/tests/test_a.py')))).toEqual(wanted);
  });

  test('tests of one name in several files keep their files', () => {
    const names = ['app1/tests.py', 'app2/tests.py'];
    const parts = names.flatMap((name, index) => [under('test_create'), `${name}:${index + 1}: in test_create`, 'E   no']);
    const report = read(
      rule('FAILURES'),
      ...parts,
      rule('short test summary info'),
      ...names.toReversed().map((name) => `FAILED ${name}::test_create - no`),
      rule('2 failed in 1s'),
    );
    expect(told(report)).toEqual(['failed test_create | app1/tests.py:1 | no', 'failed test_create | app2/tests.py:2 | no']);
  });

  test('parameters with colons, and doctests, are one failure each', () => {
    const sections = [
      rule('FAILURES'),
      under('test_ip[::1]'),
      'test_a.py:3: in f',
      'E   no',
      under('[doctest] shop.money.add'),
      '004 >>> add(1, 2)',
      '/usr/x.py:4: DocTestFailure',
    ];
    const report = read(
      ...sections,
      rule('short test summary info'),
      'FAILED test_a.py::test_ip[::1] - no',
      'FAILED shop/money.py::shop.money.add',
      rule('2 failed in 1s'),
    );
    expect([report?.failed, told(report)]).toEqual([2, ['failed test_ip[::1] | test_a.py:3 | no', 'failed shop.money.add | shop/money.py:null | ']]);
  });

  test('counts of subtests are counts, and other lines are none', () => {
    expect(read(rule('4 passed, 3 subtests passed in 0.1s'))).toMatchObject({ passed: 4 });
    expect(read(rule('1 failed, 2 subtests failed, 3 warnings, 1 rerun in 61.00s (0:01:01)'))).toMatchObject({ failed: 1 });
    expect(read('25 rows in 0.02s', '3 passed the door in 1s')).toBeNull();
  });

  test('banners that a test prints end nothing', () => {
    const printed = ['------- Captured stdout call -------', '=== starting ===', '12 passed in 0.5s', 'E   not this'];
    const report = read(
      rule('FAILURES'),
      under('test_a'),
      'a.py:1: in f',
      'E   one',
      ...printed,
      under('test_b'),
      'a.py:2: in f',
      'E   two',
      rule('2 failed in 1s'),
    );
    expect(told(report)).toEqual(['failed test_a | a.py:1 | one', 'failed test_b | a.py:2 | two']);
  });

  test('of chained exceptions the last counts', () => {
    const first = ['shop/money.py:8: KeyError', 'E   KeyError: 1', '', 'The above exception was the direct cause of the following exception:', ''];
    expect(told(read(rule('FAILURES'), under('test_a'), ...first, 'test_a.py:3: in test_a', 'E   ValueError: 2', rule('1 failed in 1s')))).toEqual([
      'failed test_a | test_a.py:3 | ValueError: 2',
    ]);
  });

  test('a missing fixture, a syntax error and the style of one line have their places', () => {
    const missing = [under('ERROR at setup of test_a'), `file ${HOME}/test_a.py, line 3`, "E       fixture 'x' not found", '', `${HOME}/test_a.py:3`];
    const syntax = [under('ERROR collecting test_b.py'), `E     File "${HOME}/test_b.py", line 4`, 'E       def', 'E   SyntaxError: invalid syntax'];
    expect(told(read(rule('ERRORS'), ...missing, ...syntax, rule('2 errors in 1s'))).map((line) => line.split(' | ').slice(0, 2))).toEqual([
      ['errored test_a', 'test_a.py:3'],
      ['errored test_b.py', 'test_b.py:4'],
    ]);
    const lines = [`${HOME}/test_c.py:8: assert 1 == 3`, rule('short test summary info'), 'FAILED test_c.py::test_c - assert 1 == 3'];
    expect(told(read(rule('FAILURES'), ...lines, rule('1 failed in 1s')))).toEqual(['failed test_c | test_c.py:8 | assert 1 == 3']);
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

  test('what passed is counted, as nose counts it, too; what should have failed and did not has failed, since Python says so', () => {
    expect(read(SINGLE, 'Ran 3 tests in 0.001s', '', 'OK (SKIP=1)')).toMatchObject({ passed: 2, skipped: 1, failures: [] });
    const unexpected = [DOUBLE, 'UNEXPECTED SUCCESS: test_a (m.C)', SINGLE, 'Ran 1 test in 0.1s', ''];
    expect(read(...unexpected, 'FAILED (unexpected successes=1)')).toMatchObject({ passed: 0, failed: 1 });
    expect(read(SINGLE, 'Ran 1 test in 0.1s', '', 'OK (unexpected successes=1)')).toMatchObject({ passed: 1, failed: 0 });
    expect(read(SINGLE, 'Ran 0 tests in 0.0s', '', 'NO TESTS RAN')).toMatchObject({ passed: 0, failed: 0 });
  });

  test('parts of a test are one test, and what prepares a class is none', () => {
    const part = (index: number): string[] => [DOUBLE, `FAIL: test_a (m.C.test_a) (i=${index})`, SINGLE, 'AssertionError: no', ''];
    const setUp = [DOUBLE, 'ERROR: setUpClass (m.D)', SINGLE, 'RuntimeError: no', ''];
    const report = read(...part(1), ...part(2), ...setUp, SINGLE, 'Ran 10 tests in 0.1s', '', 'FAILED (failures=2, errors=1)');
    expect(report).toMatchObject({ passed: 9, failed: 2, errored: 1 });
  });

  test('what nose shows of a log, and a table of coverage, is no reason', () => {
    const noise = ['-------------------- >> begin captured logging << --------------------', 'x: DEBUG: y', 'Name    Stmts   Miss  Cover'];
    expect(told(read(DOUBLE, 'FAIL: m.test_a', SINGLE, 'AssertionError: no', ...noise))).toEqual([
      'failed m.test_a | null:null | AssertionError: no',
    ]);
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

test('a hostile log takes no longer for each byte the more there are, and what is kept of it is little', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `FAILED tests/test_a.py::test_${index} - no`);
  expect(read(rule('short test summary info'), ...names, rule('100000 failed in 9s'))).toMatchObject({ failed: 100_000 });
  const lines = [
    '\r'.repeat(60_000) + 'x',
    '=== ' + '= '.repeat(1000),
    '_ '.repeat(1000),
    `FAILED ${' - '.repeat(600)}`,
    `FAILED ${'['.repeat(1900)}`,
    '1 failed in 1s',
    'a.py:99999999999: x',
  ];
  const big = [
    rule('FAILURES'),
    under('test_a'),
    ...Array.from({ length: 2000 }, () => lines).flat(),
    ...Array.from({ length: 40 }, () => `E   ${'x'.repeat(1900)}`),
  ];
  const report = read(...big);
  expect(report?.failures.length).toBeLessThanOrEqual(100);
  expect(JSON.stringify(report).length).toBeLessThan(400_000);
});

test('the same is read whatever pieces the log comes in', () => {
  const bytes = Buffer.from(SESSION.join('\n'));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const reader = new ReportReader(TREE);
      const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
      places.forEach((place, index) => reader.push(bytes.subarray(place, places[index + 1] ?? bytes.length)));
      expect(told(reader.end().report)).toEqual(FAILURES);
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
