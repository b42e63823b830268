import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSetupPy } from './setup-py.ts';

const read = (text: string): NonNullable<ReturnType<typeof readSetupPy>> => {
  const reading = readSetupPy(text);
  if (reading === null) throw new Error('There is no call of setup() in it.');
  return reading;
};

describe('a setup.py is read and never run', () => {
  it('takes literals of all kinds, with their lines', () => {
    const reading = read(`
import setuptools
setuptools.setup(
    name='engine',  # a remark
    classifiers=[
        "Programming Language :: Python :: 2.7",
        'Programming Language :: ' 'Python :: 3.9',
    ],
    python_requires=">=2.7, !=3.0.*",
    tests_require=('mock', r'nose'),
    extras_require={'test': ['pytest'], "docs": []},
    test_suite="engine.tests",
    packages=['engine', 'engine.tests'],
)`);
    expect(reading.classifiers.map(({ value }) => value)).toEqual(['Programming Language :: Python :: 2.7', 'Programming Language :: Python :: 3.9']);
    expect(reading.requiresPython).toEqual([{ value: ['>=2.7, !=3.0.*'], where: 'setup.py, line 9' }]);
    expect(reading.testsRequire).toEqual({ value: ['mock', 'nose'], where: 'setup.py, line 10' });
    expect([...reading.extras.keys()]).toEqual(['test', 'docs']);
    expect(reading.testSuite).toEqual({ value: 'engine.tests', where: 'setup.py, line 12' });
    expect(reading.packages).toEqual(['engine', 'engine.tests']);
    expect(reading.notes).toEqual([]);
  });

  it('takes what names stand for, in a function as well, and what is spread', () => {
    const reading = read(`
NEEDS = ['mock'] + ["nose"]
NEEDS += ['six']
def run():
    extra = dict(test_suite='tests', python_requires='>=3.4')
    about = {}
    setup(version=about['version'], tests_require=NEEDS, **extra)
run()`);
    expect(reading.testsRequire?.value).toEqual(['mock', 'nose', 'six']);
    expect(reading.testSuite?.value).toBe('tests');
    expect(reading.requiresPython[0]?.value).toEqual(['>=3.4']);
  });

  it.each([
    ["'''\nProgramming Language :: Python :: 2.6\nProgramming Language :: Python :: 3.3\n'''.strip().split('\\n')"],
    ["[one for one in '''Programming Language :: Python :: 2.6\nProgramming Language :: Python :: 3.3\n'''.split('\\n') if one]"],
    ["filter(None, 'Programming Language :: Python :: 2.6\\nProgramming Language :: Python :: 3.3\\n'.split('\\n'))"],
    ["list(read('x', 'Programming Language :: Python :: 2.6')) + make('Programming Language :: Python :: 3.3')"],
  ])('finds classifiers in %s', (value) => {
    const found = read(`setup(classifiers=${value})`).classifiers.filter(({ value: one }) => /\d\.\d$/.test(one));
    expect(found.map(({ value: one }) => one.slice(-3))).toEqual(['2.6', '3.3']);
  });

  it('says what is computed or changed under conditions', () => {
    const { notes, testsRequire } = read(`
needs = ['mock']
if sys.version_info < (2, 7):
    needs.append('unittest2')
setup(tests_require=needs, extras_require=find(), python_requires=f'>={LOWEST}', **more())`);
    expect(testsRequire?.value).toEqual(['mock']);
    expect(notes.map(({ value, where }) => `${value}: ${where}`)).toEqual([
      'python_requires is computed: setup.py, line 5',
      'extras_require is computed: setup.py, line 5',
      'needs is changed under conditions: setup.py, line 4',
      'some arguments of setup() are computed: setup.py, line 5',
    ]);
  });

  it('does not take a condition for a value', () => {
    expect(read("setup(tests_require=['mock'] if OLD else [], test_suite='a' and 'b', zip_safe=not True)")).toMatchObject({
      testsRequire: null,
      testSuite: null,
    });
  });

  it('knows extension modules, a command of its own, and where the version comes from', () => {
    const reading = read("setup(ext_modules=[Extension('a', ['a.c'])], cmdclass={'test': Test}, setup_requires=['setuptools_scm>=3', 'cffi'])");
    expect(reading.native.map(({ value }) => value)).toEqual(['ext_modules', 'CFFI']);
    expect(reading.testCommand).not.toBeNull();
    expect(reading.versionFromHistory?.value).toBe('setuptools-scm');
    expect(read('setup(ext_modules=[])').native).toEqual([]);
  });

  it('takes no name for what all objects have', () => {
    const reading = read("setup(setup_requires=['constructor'], tests_require=toString, extras_require={'__proto__': ['a']})");
    expect(reading).toMatchObject({ native: [], testsRequire: null });
    expect([...reading.extras.keys()]).toEqual(['-proto-']);
  });

  it.each(['def setup(name): pass', 'from setuptools import setup', 'x.setup(1)', 'class setup(object): pass', '# setup(name="a")', '"setup()"'])(
    'finds no call in %s',
    (text) => {
      expect(readSetupPy(text)).toBeNull();
    },
  );

  it('never throws, and is done with anything soon', () => {
    const parts = fc.constantFrom(
      'setup(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '=',
      "'a'",
      '"""',
      "'",
      '\\',
      '\n',
      '  ',
      'x',
      '+',
      '**',
      '.split(',
      ':',
      'for x in y',
      '#',
      '%',
      '@',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (all) => void readSetupPy(`setup(${all.join('')}`)),
      { numRuns: 3000 },
    );
    for (const text of ['('.repeat(50_000), '['.repeat(50_000), "a = '".repeat(20_000), '{a:'.repeat(20_000), 'x.'.repeat(50_000)]) {
      expect(readSetupPy(`setup(${text}`)).not.toBeNull();
    }
  });
});
