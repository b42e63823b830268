import { CATALOGUE_DAY, type CiInput, type CiPlan, type CiProvider, type Message } from '#plugins/api';
import { choosePythons } from './decide/pythons.ts';
import { findRunner } from './decide/runner.ts';
import { findTestNeeds } from './decide/tests.ts';
import type { Installable } from './decide/install.ts';
import { chargeJobs, STAGE, toJob } from './jobs.ts';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { decisions, say } from './messages.ts';
import { readMakefile, readTox, sectionOf } from './read/commands.ts';
import { placesIn, readToml, type Table, tableAt, type TomlPlaces } from './read/toml.ts';
import { joinReadings, type Reading } from './read/reading.ts';
import { type Found, place } from './read/found.ts';
import { readIni } from './read/ini.ts';
import { readPyproject } from './read/pyproject.ts';
import { readSetupCfg } from './read/setup-cfg.ts';
import { readSetupPy } from './read/setup-py.ts';

/** More than any metadata that a person wrote. */
const LONGEST = 300_000;

/** More than there are Pythons. */
const MAXIMUM_JOBS = 200;

/** Files that configure tools, or that are there only beside tests. */
const CONFIGURATION = [
  'tox.ini',
  'pytest.ini',
  '.pytest.ini',
  'pytest.toml',
  '.pytest.toml',
  'conftest.py',
  'tests/conftest.py',
  'test/conftest.py',
  'tests/__init__.py',
  'test/__init__.py',
];
/** What may run the tests. */
const SCRIPTS = [
  'manage.py',
  'runtests.py',
  'run_tests.py',
  'run-tests.py',
  'tests/runtests.py',
  'test/runtests.py',
  'tests/run_tests.py',
  'test.py',
  'tests.py',
  'tests/test.py',
  'test/test.py',
  '.stestr.conf',
  '.testr.conf',
  'Makefile',
  '.python-version',
];
const REQUIREMENTS = [
  '*requirements.txt',
  'requirements*.txt',
  'requirements/*.txt',
  'dev-requirement*.txt',
  'test-requirement*.txt',
  'tests/requirements*.txt',
  'test/requirements*.txt',
];

type Texts = ReadonlyMap<string, string>;

/** Plans the tests of a project that has no CI description, from its metadata; README.md says how. */
export class PythonProvider implements CiProvider {
  readonly kind = 'metadata';
  readonly files = ['pyproject.toml', 'setup.cfg', 'setup.py'];
  readonly alsoReads = [...CONFIGURATION, ...SCRIPTS, ...REQUIREMENTS];
  readonly title = 'Python metadata';

  /** Pure, and never throws. An error means that pyproject.toml is broken: then pip cannot install the project either. */
  parse({ file, texts, text, change }: CiInput): CiPlan {
    const given = new Map([...texts, [file, text]]);
    const long = [...given].filter(([, one]) => one.length > LONGEST).map(([path]) => path);
    const messages = long.map((path) => say('warning', `${path} is longer than ${LONGEST} characters, and was not read.`));
    const used = new Map([...given].filter(([path]) => !long.includes(path)));
    const toml = readToml(used.get('pyproject.toml') ?? '');
    if ('problem' in toml) {
      const at = file === 'pyproject.toml' ? toml : null;
      return plan([], [...messages, say('error', `pyproject.toml, line ${toml.line}, is no TOML: ${toml.problem}`, at)]);
    }
    const project = understand(used, toml.table);
    if (isSilent(project))
      return { ...plan([], [...messages, say('info', 'There is nothing in it that says what to install or how to test.')]), isSilent: true };
    const pin = used.get('.python-version');
    const pinned = pin === undefined ? null : { value: pin, where: '.python-version' };
    const choice = choosePythons({ reading: project.reading, tox: project.toxPythons, pinned }, change.committedAt?.slice(0, 10) ?? CATALOGUE_DAY);
    return withinBudget<CiPlan>(
      () => {
        chargeJobs(project, choice.pythons.length, new JobBudget(MAXIMUM_JOBS));
        return plan(
          choice.pythons.map((python) => toJob(project, python)),
          [...messages, ...decisions(project, choice)],
        );
      },
      plan([], messages),
      (problem) => messages.push(say('error', problem)),
    );
  }
}

function plan(jobs: CiPlan['jobs'], messages: readonly Message[]): CiPlan {
  return { jobs, stages: jobs.length === 0 ? [] : [STAGE], declaredStages: [], messages, fastFinish: false };
}

/** Puts together what all files say. */
function understand(texts: Texts, pyproject: Table): Installable & { readonly toxPythons: readonly Found<string>[] } {
  const tox = readTox(readIni(texts.get('tox.ini') ?? ''));
  const places = placesIn(texts.get('pyproject.toml') ?? '');
  const reading = readAll(texts, pyproject, places);
  const needs = findTestNeeds(reading, texts, tox);
  const hasSetupPy = texts.has('setup.py');
  const runner = findRunner({
    commands: [...tox.commands, ...readMakefile(texts.get('Makefile') ?? '')],
    pytestConfig: pytestConfig(texts, pyproject, places),
    noseConfig: sectionOf(texts, 'setup.cfg', 'nosetests'),
    files: texts,
    testSuite: reading.testSuite,
    names: needs.names,
    packages: reading.packages,
    ownTestCommand: reading.testCommand?.where ?? null,
    hasSetupPy,
  });
  const requirementsFile = texts.has('requirements.txt') ? 'requirements.txt' : null;
  return { reading, needs, runner, hasSetupPy, requirementsFile, variables: runner.byTox === true ? tox.variables : [], toxPythons: tox.pythons };
}

function readAll(texts: Texts, pyproject: Table, places: TomlPlaces): Reading {
  const setupPy = readSetupPy(texts.get('setup.py') ?? '');
  return joinReadings([
    readPyproject(pyproject, places),
    readSetupCfg(readIni(texts.get('setup.cfg') ?? '')),
    ...(setupPy === null ? [] : [setupPy]),
  ]);
}

function pytestConfig(texts: Texts, pyproject: Table, places: TomlPlaces): string | null {
  const own = ['pytest.ini', '.pytest.ini', 'pytest.toml', '.pytest.toml'].find((file) => texts.has(file));
  if (own !== undefined) return own;
  for (const path of [
    ['tool', 'pytest', 'ini_options'],
    ['tool', 'pytest'],
  ])
    if (Object.keys(tableAt(pyproject, ...path)).length > 0) return `[${path.join('.')}] in ${place('pyproject.toml', places.lineOf(path, null))}`;
  return sectionOf(texts, 'setup.cfg', 'tool:pytest') ?? sectionOf(texts, 'setup.cfg', 'pytest') ?? sectionOf(texts, 'tox.ini', 'pytest');
}

function isSilent({ reading, runner }: Installable): boolean {
  return reading.distribution.length === 0 && runner.isGuess;
}
