import type { Found } from '../read/found.ts';
import { type KnownCommand, knownCommand } from './runner-commands.ts';

/** How tests are run. `needs` is a module, with the requirement that brings it. */
export interface Runner {
  readonly kind: 'pytest' | 'unittest' | 'django' | 'nose' | 'script' | 'other';
  /** For most Pythons. */
  readonly command: string;
  /** Before 2.7 and on 3.0 and 3.1, whose unittest finds no tests by itself; null: `command` does there, too. */
  readonly oldCommand: string | null;
  readonly needs: { readonly module: string; readonly requirement: string } | null;
  /** Why, in words. */
  readonly reason: string;
  readonly isGuess: boolean;
  /** Whether it is tox that says so, whose variables then hold. */
  readonly byTox?: boolean;
}

/** What speaks for one runner or another. */
export interface Evidence {
  /** Commands of tox.ini and of a Makefile, in this order. */
  readonly commands: readonly Found<string>[];
  /** Where pytest is configured; null where it is not. */
  readonly pytestConfig: string | null;
  readonly noseConfig: string | null;
  /** The texts of the files that are there, by their paths. */
  readonly files: ReadonlyMap<string, string>;
  readonly testSuite: Found<string> | null;
  /** Names of distributions that the tests or the project need, with where it says so. */
  readonly names: ReadonlyMap<string, string>;
  readonly packages: readonly string[];
  /** Where setup.py brings a command `test` of its own; null where it does not. */
  readonly ownTestCommand: string | null;
  readonly hasSetupPy: boolean;
}

const PYTEST = { module: 'pytest', requirement: 'pytest' };
/** Their text says whether they run anything. */
const RUNNABLE = ['test.py', 'tests.py', 'test/test.py', 'tests/test.py'];
const SCRIPTS = ['runtests.py', 'run-tests.py', 'run_tests.py', 'tests/runtests.py', 'test/runtests.py', 'tests/run_tests.py'];

/**
 * The first that is found of: a command of tox.ini; pytest's configuration; Django's manage.py, a script for tests; a Makefile's command; what the tests need; `test_suite`; a folder of
 * tests. Where there is nothing, pytest is a guess that runs unittest's tests as well.
 */
export function findRunner(evidence: Evidence): Runner {
  const [tox, make] = ['tox.ini', 'Makefile'].map((file) => fromCommands(evidence, file));
  if (tox !== null && tox !== undefined) return { ...tox, byTox: true };
  return configured(evidence) ?? fromScripts(evidence) ?? make ?? needed(evidence) ?? ownTest(evidence) ?? fromSuite(evidence) ?? GUESS;
}

const GUESS: Runner = {
  ...pytest('nothing says how; pytest runs tests written for unittest, too'),
  isGuess: true,
};

function pytest(reason: string, paths: readonly string[] = []): Runner {
  return { kind: 'pytest', command: ['python -m pytest', ...paths].join(' '), oldCommand: null, needs: PYTEST, reason, isGuess: false };
}

function fromCommands(evidence: Evidence, file: string): Runner | null {
  for (const { value, where } of evidence.commands) {
    if (!where.startsWith(file)) continue;
    const known = knownCommand(value);
    const runner = known === null ? null : ofCommand(known, where, evidence);
    if (runner !== null) return runner;
  }
  return null;
}

function ofCommand(known: KnownCommand, where: string, evidence: Evidence): Runner | null {
  if (known.kind === 'pytest') return pytest(`a command of ${where}`, known.paths);
  if (known.kind === 'nose') return nose(`a command of ${where}`);
  if (known.kind === 'setup.py test') return needed(evidence) ?? fromSuite(evidence) ?? setupTest(`a command of ${where}`);
  const isUnittest = /-m unittest/.test(known.command);
  const needs = known.module === null ? null : { module: known.module, requirement: known.module.split('.trial')[0] ?? known.module };
  const kind = isUnittest ? 'unittest' : /manage\.py|django/.test(known.command) ? 'django' : known.module === null ? 'script' : 'other';
  return { kind, command: known.command, oldCommand: isUnittest ? old(evidence) : null, needs, reason: `a command of ${where}`, isGuess: false };
}

function configured({ pytestConfig, noseConfig, files }: Evidence): Runner | null {
  if (pytestConfig !== null) return pytest(`it is configured: ${pytestConfig}`);
  const conftest = ['conftest.py', 'tests/conftest.py', 'test/conftest.py'].find((file) => files.has(file));
  if (conftest !== undefined) return pytest(`there is a ${conftest}`);
  return noseConfig === null ? null : nose(`it is configured: ${noseConfig}`);
}

function fromScripts({ files }: Evidence): Runner | null {
  const shared = { oldCommand: null, needs: null, isGuess: false };
  if (files.has('manage.py')) return { ...shared, kind: 'django', command: 'python manage.py test', reason: "there is Django's manage.py" };
  const script = [...SCRIPTS, ...RUNNABLE.filter((one) => /__name__ *== *["']__main__/.test(files.get(one) ?? ''))].find((one) => files.has(one));
  if (script !== undefined) return { ...shared, kind: 'script', command: `python ${script}`, reason: `there is a ${script}` };
  const stestr = ['.stestr.conf', '.testr.conf'].find((file) => files.has(file));
  return stestr === undefined
    ? null
    : { ...shared, kind: 'other', command: 'stestr run', needs: { module: 'stestr', requirement: 'stestr' }, reason: `there is a ${stestr}` };
}

function needed(evidence: Evidence): Runner | null {
  const { names, packages, testSuite } = evidence;
  const where = [...names].find(([name]) => name === 'pytest' || name.startsWith('pytest-'))?.[1];
  if (where !== undefined) return pytest(`the tests need it: ${where}`);
  const forNose = names.get('nose') ?? (testSuite?.value === 'nose.collector' ? testSuite.where : undefined);
  if (forNose !== undefined) return nose(`the tests need it: ${forNose}`);
  const shared = { oldCommand: null, isGuess: false, kind: 'other' } as const;
  const zope = names.get('zope-testrunner');
  if (zope !== undefined)
    return {
      ...shared,
      command: 'zope-testrunner --test-path=src',
      needs: { module: 'zope.testrunner', requirement: 'zope.testrunner' },
      reason: `the tests need it: ${zope}`,
    };
  const stestr = names.get('stestr');
  if (stestr !== undefined)
    return { ...shared, command: 'stestr run', needs: { module: 'stestr', requirement: 'stestr' }, reason: `the tests need it: ${stestr}` };
  const twisted = names.get('twisted');
  const [main = ''] = packages;
  if (twisted === undefined || !/^\w+$/.test(main) || testSuite !== null) return null;
  return {
    ...shared,
    command: `python -m twisted.trial ${main}`,
    needs: { module: 'twisted.trial', requirement: 'twisted' },
    reason: `its tests are Twisted's (${twisted})`,
  };
}

/** A `setup.py test` of the project's own making works with every setuptools; the one of setuptools is gone since 72. */
function ownTest({ ownTestCommand }: Evidence): Runner | null {
  return ownTestCommand === null ? null : setupTest(`setup.py has a command "test" of its own (${ownTestCommand})`);
}

function setupTest(reason: string): Runner {
  return { kind: 'script', command: 'python setup.py test', oldCommand: null, needs: null, reason, isGuess: false };
}

function fromSuite(evidence: Evidence): Runner | null {
  const { testSuite, files } = evidence;
  const suite = testSuite?.value.replace(':', '.') ?? '';
  if (testSuite !== null && /^\w+(?:\.\w+)*$/.test(suite))
    return unittest(evidence, suiteCommand(suite), `test_suite is ${suite} (${testSuite.where})`);
  const folder = ['tests', 'test'].find((one) => files.has(`${one}/__init__.py`));
  return folder === undefined
    ? null
    : unittest(evidence, `python -m unittest discover -s ${folder} -t .`, `there is a package ${folder}, and nothing asks for another runner`);
}

function unittest(evidence: Evidence, command: string, reason: string): Runner {
  return { kind: 'unittest', command, oldCommand: old(evidence), needs: null, reason, isGuess: false };
}

/** A module or package is searched for tests, as setuptools did; anything else is the name of a suite or of what makes one. */
function suiteCommand(suite: string): string {
  const last = suite.split('.').at(-1) ?? '';
  return /^(?:tests?|testing|unittests?|unit)$|^test_?\w*$|_tests?$/.test(last) && !/(?:suite|all_tests)$/.test(last)
    ? `python -m unittest discover -s ${suite} -t .`
    : `python -m unittest ${suite}`;
}

function old({ hasSetupPy }: Evidence): string {
  return hasSetupPy ? 'python setup.py test' : 'python -m unittest2 discover';
}

function nose(reason: string): Runner {
  return { kind: 'nose', command: 'python -m nose', oldCommand: null, needs: { module: 'nose', requirement: 'nose' }, reason, isGuess: false };
}
