import { describe, expect, it } from 'vitest';
import { NOTHING, type Reading } from '../read/reading.ts';
import { choosePythons } from './pythons.ts';
import { type Evidence, findRunner } from './runner.ts';
import { knownCommand } from './runner-commands.ts';
import { findTestNeeds } from './tests.ts';

const found = <T>(value: T): { value: T; where: string } => ({ value, where: 'here' });
const python = (...names: string[]): Pick<Reading, 'classifiers'> => ({
  classifiers: names.map((name) => found(`Programming Language :: Python :: ${name}`)),
});
const range = (...ranges: string[]): Pick<Reading, 'requiresPython'> => ({ requiresPython: [found(ranges)] });

function chosen(reading: Partial<Reading>, day: string, more: { tox?: string[]; pinned?: string } = {}): string {
  const pinned = more.pinned === undefined ? null : found(more.pinned);
  const { pythons } = choosePythons({ reading: { ...NOTHING, ...reading }, tox: (more.tox ?? []).map(found), pinned }, day);
  return pythons.map(({ name }) => name).join(' ');
}

describe('the Pythons of a project', () => {
  it.each([
    ['classifiers', python('2.7', '3', '3.4', '3.10', '3.9'), '2020-12-01', '2.7 3.4 3.9 3.10'],
    ['classifiers within the range', { ...python('2.7', '3.4', '3.6'), ...range('>=3.5') }, '2020-12-01', '3.6'],
    ['classifiers of which none is in the range', { ...python('2.7'), ...range('>=3.8') }, '2020-12-01', '3.8 3.9'],
    ['a language without versions beside versions of another', python('2.7', '3'), '2019-01-01', '2.7 3'],
    ['the older language without versions', python('2', '3.4'), '2014-06-01', '2.7 3.4'],
    ['a language only', python('2.7', '3 :: Only'), '2019-01-01', '2.7 3'],
    ['a language within the range', { ...python('2.7', '3'), ...range('>=2.7,<3.8') }, '2019-01-01', '2.7 3.7'],
    ['a language in a range that is open', { ...python('2.7', '3'), ...range('>=2.7, !=3.0.*') }, '2019-01-01', '2.7 3'],
    ['a language that the range leaves out', { ...python('2.7', '3'), ...range('<3') }, '2019-01-01', '2.7'],
    ['a language where the range leaves out all versions', { ...python('2.7', '3'), ...range('>=3.8') }, '2020-12-01', '3.8 3.9'],
    ['classifiers without what nobody knows', python('2.3', '2.4'), '2010-01-01', '2.4'],
    ['what comes later', python('3.15', '3.16'), '2026-01-01', '3.15 3.16'],
    ['a range: its oldest and all that live', range('>=3.6'), '2024-01-01', '3.6 3.8 3.9 3.10 3.11 3.12'],
    ['a range above', range('>3.6,<3.12'), '2024-01-01', '3.7 3.8 3.9 3.10 3.11'],
    ['a range that names no minor version', range('>=3'), '2024-01-01', '3.8 3.9 3.10 3.11 3.12'],
    ['a range without a beginning', range('<4'), '2024-01-01', '3.8 3.9 3.10 3.11 3.12'],
    ['a range with gaps', range('>=2.7, !=3.0.*, !=3.1.*'), '2014-06-01', '2.7 3.2 3.3 3.4'],
    ['a range of releases', range('>=3.9.2,<3.11'), '2024-01-01', '3.9 3.10'],
    ['a range as people wrote it', range('>=3.6.*,'), '2019-01-01', '3.6 3.7'],
    ['a range that is past', range('==2.6.*'), '2024-01-01', '2.6'],
    ['ranges of which one must hold', range('>=2.7,<2.8', '>=3.10,<4'), '2024-01-01', '2.7 3.10 3.11 3.12'],
    ['a range that is none', range('whatever'), '2024-01-01', '3'],
    ['a range of nothing', range('>=7'), '2024-01-01', '3'],
    ['languages only', python('2', '3'), '2024-01-01', '2.7 3'],
    ['nothing, long ago', {}, '2014-06-01', '2.7 3'],
    ['nothing, now', {}, '2026-06-01', '3'],
  ])('come from %s', (_, reading, day, names) => {
    expect(chosen(reading, day)).toBe(names);
  });

  it("are tox's where no classifier names any, and what is pinned before a guess", () => {
    expect(chosen({}, '2019-01-01', { tox: ['2.7', '3.6'], pinned: '3.7.2\n' })).toBe('2.7 3.6');
    expect(chosen(python('3.7'), '2019-01-01', { tox: ['2.7'] })).toBe('3.7');
    expect(chosen({}, '2019-01-01', { pinned: '3.7.2\n' })).toBe('3.7');
    expect(chosen({}, '2024-01-01', { pinned: 'system' })).toBe('3');
  });

  it.each([
    ['2.7 and 3', python('2.7', '3.6', '3.7', 'Implementation :: PyPy'), '2019-06-01', '2.7 3.6 3.7 pypy2.7 pypy3.6'],
    ['a plain 3', python('2.7', '3', 'Implementation :: PyPy'), '2019-06-01', '2.7 3 pypy2.7 pypy3.6'],
    ['a plain 3 in a range', { ...python('2.7', '3', 'Implementation :: PyPy'), ...range('!=3.6.*') }, '2019-06-01', '2.7 3 pypy2.7 pypy3.5'],
    ['of its day', python('2.7', '3.3', 'Implementation :: PyPy'), '2014-06-01', '2.7 3.3 pypy2.7'],
    ['a range', { ...python('Implementation :: PyPy'), ...range('>=3.9') }, '2024-01-01', '3.9 3.10 3.11 3.12 pypy3.10'],
    ['Jython', python('2.5', '2.7', 'Implementation :: Jython'), '2016-01-01', '2.5 2.7 jython2.7'],
    ['no lock', python('3.13', '3.14', 'Free Threading :: 2 - Beta'), '2026-01-01', '3.13 3.14 3.14t'],
  ])('have PyPy and others beside them: %s', (_, reading, day, names) => {
    expect(chosen(reading, day)).toBe(names);
  });

  it('are told with where they come from', () => {
    const reasonsOf = (reading: Partial<Reading>): readonly string[] =>
      choosePythons({ reading: { ...NOTHING, ...reading }, tox: [], pinned: null }, '2019-01-01').reasons;
    expect(reasonsOf({ ...python('2.7', '3.4'), ...range('>=3') })).toEqual([
      'Pythons 3.4: named by classifiers (here); without 2.7, which >=3 (here) does not allow.',
    ]);
    expect(reasonsOf({ ...python('2.7', '3') })).toEqual([
      'Pythons 2.7, 3: named by classifiers (here); of Python 3 the newest, as they name no version of it.',
    ]);
    expect(reasonsOf({ ...python('2.7', '3'), ...range('<3') })).toEqual([
      'Pythons 2.7: named by classifiers (here); without 3, which <3 (here) does not allow.',
    ]);
  });
});

const NO_EVIDENCE: Evidence = {
  commands: [],
  pytestConfig: null,
  noseConfig: null,
  files: new Map(),
  testSuite: null,
  names: new Map(),
  packages: [],
  ownTestCommand: null,
  hasSetupPy: true,
};
const runs = (evidence: Partial<Evidence>): string => findRunner({ ...NO_EVIDENCE, ...evidence }).command;
const files = (...names: string[]): Pick<Evidence, 'files'> => ({ files: new Map(names.map((name) => [name, ''])) });
const tox = (value: string): Pick<Evidence, 'commands'> => ({ commands: [{ value, where: 'tox.ini, line 3' }] });

describe('the runner of tests', () => {
  it.each([
    ["tox's command", { ...tox('nosetests {posargs}'), pytestConfig: 'pytest.ini' }, 'python -m nose'],
    ['no command that is known', { ...tox('flake8 .'), pytestConfig: 'pytest.ini' }, 'python -m pytest'],
    ["pytest's configuration before manage.py", { ...files('manage.py'), pytestConfig: 'x' }, 'python -m pytest'],
    ['a conftest.py', files('tests/conftest.py'), 'python -m pytest'],
    ['manage.py', files('manage.py'), 'python manage.py test'],
    ['a script', files('runtests.py'), 'python runtests.py'],
    ['a script that only holds tests', files('test.py'), 'python -m pytest'],
    ['a script that runs', { files: new Map([['test.py', 'if __name__ == "__main__": main()']]) }, 'python test.py'],
    ['a need', { names: new Map([['pytest-cov', 'x']]) }, 'python -m pytest'],
    ['nose', { names: new Map([['nose', 'x']]) }, 'python -m nose'],
    ['a collector of nose', { testSuite: found('nose.collector') }, 'python -m nose'],
    ['a package of tests', { testSuite: found('engine.tests') }, 'python -m unittest discover -s engine.tests -t .'],
    ['a suite', { testSuite: found('engine.tests:suite') }, 'python -m unittest engine.tests.suite'],
    ['a suite that is no name', { testSuite: found('a; b') }, 'python -m pytest'],
    ['its own command', { ownTestCommand: 'x', testSuite: found('tests') }, 'python setup.py test'],
    ['setup.py test by tox', { ...tox('python setup.py test -q'), testSuite: found('a.tests') }, 'python -m unittest discover -s a.tests -t .'],
    ['a folder', files('tests/__init__.py'), 'python -m unittest discover -s tests -t .'],
    ['nothing', {}, 'python -m pytest'],
  ])('by %s', (_, evidence, command) => {
    expect(runs(evidence)).toBe(command);
  });

  it.each([
    ['pytest -v tests --cov=x', { kind: 'pytest', paths: ['tests'] }],
    ['pytest -n 4 -k tests', { kind: 'pytest', paths: [] }],
    ['coverage run --source x -m pytest {posargs}', { kind: 'pytest', paths: [] }],
    ['{envbindir}/py.test', { kind: 'pytest', paths: [] }],
    ['A=1 pytest', { kind: 'pytest', paths: [] }],
    ['env A=tests.settings  django-admin.py test tests', { kind: 'command', command: 'A=tests.settings django-admin.py test tests', module: null }],
    ['A="$(id)" python runtests.py', null],
    ['python -m django test tests', { kind: 'command', command: 'python -m django test tests', module: null }],
    ['python -m django runserver', null],
    ['A=1 python -Wd -m unittest discover -v tests', { kind: 'command', command: 'A=1 python -Wd -m unittest discover -v tests', module: null }],
    ['{envbindir}/trial {posargs:engine}', { kind: 'command', command: 'python -m twisted.trial engine', module: 'twisted.trial' }],
    ['./runtests.py --fast', { kind: 'command', command: 'python runtests.py --fast', module: null }],
    ['coverage run {toxinidir}/manage.py test', { kind: 'command', command: 'python manage.py test', module: null }],
    ['python -mengine.tests', { kind: 'command', command: 'python -m engine.tests', module: null }],
    ['coverage run setup.py -q test -q', { kind: 'setup.py test' }],
    ['python -bb "-Werror" -m engine.runtests', { kind: 'command', command: 'python -bb -Werror -m engine.runtests', module: null }],
    ['python setup.py sdist', null],
    ['python runtests.py; rm -rf /', null],
    ['python runtests.py $(x)', null],
    ['python runtests.py {env:X}', null],
    ['sphinx-build docs', null],
    ['constructor', null],
    ['python -m toString', null],
    ['', null],
  ])('is known by %s', (text, known) => {
    expect(knownCommand(text)).toEqual(known);
  });
});

describe('what the tests need', () => {
  const extras = new Map([['test', found({ name: 'Test', requirements: ['pytest'] })]]);
  const needs = (reading: Partial<Reading>, texts: Record<string, string> = {}): ReturnType<typeof findTestNeeds> =>
    findTestNeeds({ ...NOTHING, ...reading }, new Map(Object.entries(texts)), { requirements: null, file: null, extras: null });

  it("is tox's extras, if it has any, with its deps", () => {
    const tox = { requirements: found(['mock']), file: null, extras: found(['test', 'fast']) };
    const { extra, requirements, names } = findTestNeeds({ ...NOTHING, extras }, new Map(), tox);
    expect([extra?.value, requirements?.value, [...names.keys()]]).toEqual(['test,fast', ['mock'], ['pytest', 'mock']]);
  });

  it('is an extra before anything else', () => {
    const { extra, names } = needs({ extras, testsRequire: found(['nose']) });
    expect(extra?.value).toBe('Test');
    expect([...names.keys()]).toEqual(['pytest']);
  });

  it('is tests_require, and what cannot be told to pip is told to people', () => {
    const { requirements, left } = needs({ testsRequire: found(['nose', 'x @ https://example.org/x.zip']) });
    expect(requirements?.value).toEqual(['nose']);
    expect(left).toHaveLength(1);
  });

  it.each([
    'requirements-test.txt',
    'test-requirements.txt',
    'requirements/testing.txt',
    'requirements_dev.txt',
    'dev-requirements.txt',
    'tests/requirements.txt',
  ])('is the file %s', (file) => {
    expect(needs({}, { [file]: 'pytest\n' }).file?.value).toBe(file);
  });

  it('is requirements.txt only where that has a runner', () => {
    expect(needs({}, { 'requirements.txt': 'flask\n' }).file).toBeNull();
    expect(needs({}, { 'requirements.txt': 'flask\npytest\n' }).file?.value).toBe('requirements.txt');
  });
});
