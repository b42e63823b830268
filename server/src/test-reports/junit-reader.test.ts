import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestReport } from '#server/api';
import { ReportDocument } from './report-document.ts';
import { Tally } from './tally.ts';
import { CaseBook, MOST_CASES } from './test-case.ts';

const TREE = 'build/ada/shop';
const HOME = `/work/home/${TREE}`;

interface Read {
  readonly document: ReportDocument;
  readonly tally: Tally;
  readonly cases: CaseBook;
}

function read(text: string | Uint8Array, mask: (one: string) => string = (one) => one, piece = 65_536): Read {
  const [tally, cases] = [new Tally(), new CaseBook()];
  const document = new ReportDocument(() => ({ workTree: TREE, mask, tally, cases }));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) document.push(bytes.subarray(at, at + piece));
  document.end();
  return { document, tally, cases };
}

function counts({ tally }: Read): number[] {
  return [tally.passed, tally.failed, tally.errored, tally.skipped];
}

function told({ tally }: Read): string[] {
  return tally.failures.map((failure) => {
    const { outcome, name, file, line, message } = failure.done();
    return `${outcome} ${name} | ${file}:${line} | ${message}`;
  });
}

function outcomes({ cases }: Read): string[] {
  return cases.all().map(({ name, outcome, milliseconds }) => `${name} ${outcome} ${milliseconds}`);
}

/** As pytest 9 writes it, of its newer family. */
const PYTEST = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="2" failures="2" skipped="2" tests="8" time="0.036">
<testcase classname="tests.test_money.TestCurrency" name="test_known[a b &lt;c&gt;]" time="0.012"><failure message="AssertionError: unknown&#10;assert 1 == 2">self = &lt;tests.test_money.TestCurrency&gt;

    def test_known(self):
&gt;       check()

tests/test_money.py:13:
_ _ _ _ _ _ _ _ _ _
E       AssertionError: unknown
E       assert 1 == 2

shop/money.py:8: AssertionError</failure></testcase>
<testcase classname="tests.test_money" name="test_good" time="0.5" />
<testcase classname="tests.test_money" name="test_skip" time="0.000"><skipped type="pytest.skip" message="no">${HOME}/tests/test_money.py:6: no</skipped></testcase>
<testcase classname="tests.test_money" name="test_xfail" time="0.000"><skipped type="pytest.xfail" message="" /></testcase>
<testcase classname="tests.test_money" name="test_strict" time="0.000"><failure message="[XPASS(strict)] ">[XPASS(strict)] </failure></testcase>
<testcase classname="tests.test_money" name="test_setup" time="0.000"><error message="failed on setup with &quot;RuntimeError: no shop&quot;">@pytest.fixture
&gt;   def bad(): raise RuntimeError('no shop')
E   RuntimeError: no shop

tests/conftest.py:18: RuntimeError</error></testcase>
<testcase classname="" name="tests.test_broken" time="0.000"><error message="collection failure">ImportError while importing test module '${HOME}/tests/test_broken.py'.
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
tests/test_broken.py:1: in &lt;module&gt;
E   ModuleNotFoundError: No module named 'nope'</error></testcase>
<testcase classname="tests.test_money" name="test_out" time="0.000"><system-out>--- &lt;failure&gt; ---</system-out></testcase>
</testsuite></testsuites>`;

/** Its older family says where each test is. */
const XUNIT1 = `<testsuite name="pytest" errors="0" failures="1"><testcase classname="tests.test_a" name="test_b" file="tests/test_a.py" line="3" time="0.001">
<failure message="Failed: nothing more is said">Failed: nothing more is said</failure></testcase></testsuite>`;

const XMLRUNNER = `<?xml version="1.0" ?>
<testsuites>
  <testsuite errors="1" failures="1" file="tests/test_shop.py" name="tests.test_shop.ShopTest-20261128" skipped="1" tests="4" time="0.003" timestamp="2026-11-28T21:27:47">
    <testcase classname="tests.test_shop.ShopTest" file="tests/test_shop.py" line="9" name="test_ok" time="0.001" timestamp="2026-11-28T21:27:47"/>
    <testcase classname="tests.test_shop.ShopTest" file="tests/test_shop.py" line="12" name="test_sum" time="0.001">
      <failure message="1 != 2" type="AssertionError"><![CDATA[Traceback (most recent call last):
  File "${HOME}/tests/test_shop.py", line 13, in test_sum
    self.check(1)
  File "${HOME}/tests/helpers.py", line 4, in check
    self.assertEqual(number, 2)
AssertionError: 1 != 2
]]></failure>
    </testcase>
    <testcase classname="tests.test_shop.ShopTest" file="tests/test_shop.py" line="15" name="test_deep" time="0.001">
      <error message="no" type="ValueError"><![CDATA[Traceback (most recent call last):
  File "${HOME}/shop/money.py", line 2, in parse
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.11/unittest/case.py", line 57, in run
    yield
  File "${HOME}/shop/money.py", line 8, in parse
    raise ValueError('no')
ValueError: no
in two lines
]]></error>
    </testcase>
    <testcase classname="tests.test_shop.ShopTest" name="test_later" time="0.000"><skipped message="later" type="skip"/></testcase>
  </testsuite>
</testsuites>`;

const NOSE = `<?xml version="1.0" encoding="UTF-8"?><testsuite name="nosetests" tests="2" errors="1" failures="0" skip="0"><testcase classname="test_a.TestA" name="test_b" time="0.001"></testcase><testcase classname="nose.failure.Failure" name="runTest" time="0.000"><error type="exceptions.ImportError" message="No module named c"><![CDATA[Traceback (most recent call last):
  File "/usr/lib/python2.7/unittest/case.py", line 329, in run
    testMethod()
  File "${HOME}/test_c.py", line 1, in <module>
    import c
ImportError: No module named c
]]></error></testcase></testsuite>`;

/** CPython's own runner: no class names, a test without a name where only a part of one failed. */
const REGRTEST = `<testsuites tests="6" errors="0" failures="2"><testsuite start="2026-11-28 21:27:47.864671" tests="6" errors="0" failures="2">
<testcase name="test.test_zz.T.test_bad" status="run" result="completed" time="0.003065"><system-out /><system-err /><failure type="AssertionError" message="AssertionError: 1 != 2&#10;">Traceback (most recent call last):
  File "/usr/lib/python3.11/unittest/case.py", line 57, in testPartExecutor
    yield
  File "${HOME}/Lib/test/test_zz.py", line 3, in test_bad
    self.assertEqual(1, 2)
AssertionError: 1 != 2
</failure></testcase>
<testcase name="test.test_zz.T.test_skip" status="run" result="completed" time="0.000006"><skipped>no</skipped></testcase><testcase />
<testcase name="test.test_zz.T.test_us" status="run" result="completed" time="0.000009"><outcome>UNEXPECTED_SUCCESS</outcome></testcase>
<testcase name="test.test_zz.T.test_xf" status="run" result="completed" time="0.000137"><system-out /><output type="AssertionError" message="x">Traceback</output></testcase>
</testsuite><testsuite tests="1" errors="0" failures="1"></testsuite></testsuites>`;

describe('dialects', () => {
  test('of pytest each test is told with its time, and each failure with its place in the test and its reason', () => {
    const result = read(PYTEST);
    expect([result.document.kind, result.document.problem]).toEqual(['tests', null]);
    expect(counts(result)).toEqual([3, 2, 2, 1]);
    expect(told(result)).toEqual([
      'failed tests.test_money.TestCurrency.test_known[a b <c>] | tests/test_money.py:13 | AssertionError: unknown\nassert 1 == 2',
      'failed tests.test_money.test_strict | null:null | [XPASS(strict)]',
      'errored tests.test_money.test_setup | tests/conftest.py:18 | RuntimeError: no shop',
      "errored tests.test_broken | tests/test_broken.py:1 | ModuleNotFoundError: No module named 'nope'",
    ]);
    expect(outcomes(result).slice(0, 4)).toEqual([
      'tests.test_money.TestCurrency.test_known[a b <c>] failed 12',
      'tests.test_money.test_good passed 500',
      'tests.test_money.test_skip skipped 0',
      'tests.test_money.test_xfail passed 0',
    ]);
  });

  test('of its older family the file of a test is known though nothing else is', () => {
    expect(told(read(XUNIT1))).toEqual(['failed tests.test_a.test_b | tests/test_a.py:null | Failed: nothing more is said']);
  });

  test('of unittest-xml-reporting the place is that of the test, else the last in the repository; of a chain the last exception counts', () => {
    const result = read(XMLRUNNER);
    expect(counts(result)).toEqual([1, 1, 1, 1]);
    expect(told(result)).toEqual([
      'failed tests.test_shop.ShopTest.test_sum | tests/test_shop.py:13 | AssertionError: 1 != 2',
      'errored tests.test_shop.ShopTest.test_deep | shop/money.py:8 | ValueError: no\nin two lines',
    ]);
  });

  test('of nose', () => {
    const result = read(NOSE);
    expect(counts(result)).toEqual([1, 0, 1, 0]);
    expect(told(result)).toEqual(['errored nose.failure.Failure.runTest | test_c.py:1 | ImportError: No module named c']);
  });

  test("of CPython's own runner, whose suites count more than they list", () => {
    const result = read(REGRTEST);
    expect(counts(result)).toEqual([1, 3, 0, 1]);
    expect(told(result)).toEqual([
      'failed test.test_zz.T.test_bad | Lib/test/test_zz.py:3 | AssertionError: 1 != 2',
      'failed test.test_zz.T.test_us | null:null | It was expected to fail, and passed.',
    ]);
    expect(outcomes(result)).toHaveLength(4);
  });

  test('a test that is there several times is one, with the worst outcome and all its time', () => {
    const one = (inside: string): string => `<testcase classname="a" name="b" time="1.5">${inside}</testcase>`;
    const result = read(`<testsuites><testsuite>${one('')}</testsuite><testsuite>${one('<skipped/>')}${one('<failure/>')}</testsuite></testsuites>`);
    expect([counts(result), outcomes(result)]).toEqual([[1, 1, 0, 1], ['a.b failed 4500']]);
  });

  test.each([
    ['0.012', 12],
    ['1,234.5', 1_234_500],
    ['1e-05', 0],
    ['', null],
    ['soon', null],
    ['-1', null],
    ['NaN', null],
    ['1e300', null],
  ])('a time of %j is %j ms', (time, milliseconds) => {
    expect(outcomes(read(`<testsuite><testcase name="t" time="${time}"/></testsuite>`))).toEqual([`t passed ${milliseconds}`]);
  });

  test('in Latin 1, as old runners declare it, and with a byte order mark', () => {
    const text = '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="\u00fcber"/></testsuite>';
    expect(outcomes(read(Buffer.from(text, 'latin1')))).toEqual(['\u00fcber passed null']);
    expect(outcomes(read(`\uFEFF${text.replace('ISO-8859-1', 'utf-8')}`))).toEqual(['\u00fcber passed null']);
  });
});

describe('what is no report', () => {
  test.each([
    ['<!DOCTYPE t [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>', 'document type'],
    ['<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite/>', 'document type'],
    ['<testsuite><testcase name="&xxe;"/></testsuite>', 'entity'],
    ['<testsuite><testcase name="t">', 'unclosed'],
    [`${'<testsuite>'.repeat(60)}${'</testsuite>'.repeat(60)}`, 'nested'],
    ['{"testsuite": 1}', ''],
    ['', ''],
  ])('%j is refused with a reason', (text, reason) => {
    const { document, tally } = read(text);
    expect(document.problem).toContain(reason);
    expect(document.problem?.length).toBeLessThanOrEqual(200);
    expect(tally.passed).toBe(0);
  });

  test('XML of another kind is passed over without a word, to its end', () => {
    const result = read(`<project>${'<a>'.repeat(100)}`);
    expect([result.document.kind, result.document.problem, counts(result)]).toEqual(['other', null, [0, 0, 0, 0]]);
  });

  test.each([
    ['<coverage line-rate="0.8754" branch-rate="0.5"><packages/></coverage>', 87.54],
    ['<coverage line-rate="1"/>', 100],
    ['<coverage line-rate="8"/>', null],
    ['<coverage line-rate=""/>', null],
    ['<coverage><x line-rate="0.5"/></coverage>', null],
  ])('a total of %s is %j', (text, total) => {
    expect(read(text).document.coverageTotal).toBe(total);
  });
});

describe('of somebody who means ill', () => {
  test('characters that XML does not have, orders to a terminal and lines in names do no harm', () => {
    const result = read('<testsuite><testcase name="a\u0000b\u001B[31mc&#10;d\u202E"><failure message="x\u0007y"/></testcase></testsuite>');
    expect(told(result)).toEqual(['failed a\uFFFDb\uFFFD[31mc d\u202E | null:null | x\uFFFDy']);
  });

  test('places outside of the repository are none', () => {
    const inside = '  File "/etc/passwd", line 3, in t\n  File "../../x.py", line 4, in t\nE: no';
    const result = read(`<testsuite><testcase name="t" file="../../../etc/passwd"><error>${inside}</error></testcase></testsuite>`);
    expect(result.tally.failures.map((failure) => failure.done().file)).toEqual([null]);
  });

  test('secrets are taken out of names, messages and texts, before anything is cut off', () => {
    const mask = (text: string): string => text.replaceAll('hunter22', '[secure]');
    const name = `${'n'.repeat(495)}hunter22`;
    const result = read(
      `<testsuite><testcase name="${name}"><failure message="is hunter22"/></testcase><testcase name="b"><failure>E   hunter22</failure></testcase></testsuite>`,
      mask,
    );
    expect(JSON.stringify([told(result), outcomes(result)])).not.toMatch(/hunte/);
  });

  test('more tests than are told apart are counted, more failures than are kept too', () => {
    const many = Array.from({ length: MOST_CASES + 10 }, (_, index) => `<testcase name="t${index}"><failure/></testcase>`).join('');
    const result = read(`<testsuite>${many}</testsuite>`);
    expect([counts(result)[1], result.cases.all().length, result.cases.isCut, result.tally.failures.length]).toEqual([
      MOST_CASES + 10,
      MOST_CASES,
      true,
      100,
    ]);
  });

  const word = fc.constantFrom(
    '<testsuite>',
    '</testsuite>',
    '<testcase name="a">',
    '</testcase>',
    '<testcase/>',
    '<failure message="m">',
    '</failure>',
    '<error/>',
    '<skipped/>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '&amp;',
    '&#x1;',
    '&x;',
    '<!DOCTYPE a>',
    '<?xml version="1.0"?>',
    '"',
    '<',
    '>',

    '<outcome>',
    'UNEXPECTED_SUCCESS',
    '</outcome>',
    '<coverage line-rate="0.5">',
    '\n',
    'E   x',
    '  File "a.py", line 1, in t\n',
    '\uD800',
    '\u0000',
  );

  test('whatever it is, it is read in bounded space, to a report that fits or a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ unit: 'binary' })), { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (parts, piece) => {
        const { document, tally } = read(parts.join(''), undefined, piece);
        const { passed, failed, errored, skipped } = tally;
        TestReport.parse({ passed, failed, errored, skipped, failures: tally.failures.map((failure) => failure.done()) });
        expect(document.problem === null || document.problem.length <= 200).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('it does not matter how it comes in pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.constantFrom(PYTEST, XMLRUNNER, NOSE, REGRTEST), (piece, text) => {
        const [whole, pieces] = [read(text), read(text, undefined, piece)];
        expect([told(pieces), outcomes(pieces), counts(pieces)]).toEqual([told(whole), outcomes(whole), counts(whole)]);
      }),
      { numRuns: 60 },
    );
  });
});
