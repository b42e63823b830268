import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JobSpec, knownPython, toolsFor } from '#plugins/api';
import { PUSH } from '../../plugins/api/testing/ci-contract.ts';
import { JobFolder, type Outcome, which } from '../../agents/posix/fixtures/run-job.ts';
import { PythonProvider } from '../../plugins/ci-python/python-provider.ts';

/** An interpreter of this machine, with the tools that it has already. */
interface Here {
  readonly name: string;
  readonly path: string;
  readonly modules: ReadonlySet<string>;
}

const MODULES = ['setuptools', 'pip', 'wheel', 'pytest', 'venv'];
const PROBE = `
import sys
sys.stdout.write("%d.%d" % sys.version_info[:2])
for name in sys.argv[1:]:
    try:
        __import__(name)
        sys.stdout.write(" " + name)
    except ImportError:
        pass
`;

/** Debian's own and pyenv's, whichever there are. */
function interpreters(): Here[] {
  const pyenv = join(userInfo().homedir, '.pyenv/versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, 'bin/python')) : [];
  const system = readdirSync('/usr/bin').filter((name) => /^(?:python\d\.\d+|pypy3?)$/.test(name));
  return [...system.map((name) => join('/usr/bin', name)), ...versions].flatMap((path) => {
    const { status, stdout } = spawnSync(path, ['-c', PROBE, ...MODULES], { encoding: 'utf8' });
    const [name, ...modules] = (stdout ?? '').split(' ');
    const prefix = path.includes('pypy') ? 'pypy' : '';
    return status === 0 && name !== undefined ? [{ name: `${prefix}${name}`, path, modules: new Set(modules) }] : [];
  });
}

const HERE = interpreters();
const BUILDING = HERE.filter(({ modules }) => ['pip', 'setuptools', 'wheel'].every((name) => modules.has(name)));
const TESTING = BUILDING.filter(({ modules }) => modules.has('pytest'));

const SETUP = `
from setuptools import setup
setup(name="engine", version="1", packages=["engine", "engine.tests"], test_suite="engine.tests",
      classifiers=["Programming Language :: Python :: %s" % one for one in "x y".split()])
`;
const UNITTEST = { 'setup.py': SETUP, 'engine/__init__.py': 'weight = 23\n', 'engine/tests/__init__.py': '' };
const PASSES = 'import unittest, engine\nclass T(unittest.TestCase):\n    def test_weight(self):\n        self.assertEqual(engine.weight, 23)\n';
const PYPROJECT = `
[build-system]
requires = ["setuptools>=40"]
build-backend = "setuptools.build_meta"
[project]
name = "engine"
version = "1"
requires-python = ">=3.7"
[project.optional-dependencies]
test = ["pytest"]
[tool.setuptools]
packages = ["engine"]
[tool.pytest.ini_options]
testpaths = ["tests"]
`;
const PYTEST = {
  'pyproject.toml': PYPROJECT,
  'setup.py': 'from setuptools import setup\nsetup()\n',
  'engine/__init__.py': 'weight = 23\n',
  'tests/test_engine.py': 'import engine\ndef test_weight():\n    assert engine.weight == 23\n',
};

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder({ name: 'sh', path: which('sh') });
});
afterEach(() => folder.remove());

/** The job that a project of these files is given for an interpreter; of its Pythons the first is as good as any, since the commands of all are alike. */
function jobOf(files: Readonly<Record<string, string>>, pinned: string): JobSpec {
  const texts = new Map([...Object.entries(files), ['.python-version', pinned] as const]);
  const file = 'pyproject.toml' in files ? 'pyproject.toml' : 'setup.py';
  const { jobs } = new PythonProvider().parse({ file, text: texts.get(file) ?? '', texts, change: PUSH });
  const job = jobs.find(({ name }) => name === pinned);
  if (job === undefined) throw new Error(`There is no job for ${pinned}, but for ${jobs.map(({ name }) => name).join(', ')}.`);
  return job;
}

/** Runs it as a machine without a network would: pip has no index. */
function run(job: JobSpec, files: Readonly<Record<string, string>>, { name, path }: Here): Promise<Outcome> {
  const tree = join(folder.folder, 'sources');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  const checkout = { title: 'sources', script: 'cp -R "$TERRARIUM_FOLDER/sources/." .', variables: {} };
  const environment = {
    PIP_NO_INDEX: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_FIND_LINKS: '',
    PIP_EXTRA_INDEX_URL: '',
    PIP_BREAK_SYSTEM_PACKAGES: '1',
  };
  return folder.run({ interpreter: { name, path }, checkout, shell: job.program.shell, phases: job.program.phases, limits: LIMITS }, environment);
}

const LIMITS = { timeSeconds: 120, silenceSeconds: 120, outputBytes: 10_000_000 };

describe('what the catalogue says of the interpreters that are here', () => {
  it('there is one', () => {
    expect(HERE).not.toEqual([]);
  });

  it.each(HERE)('$path has a venv if it says so', ({ name, modules }) => {
    const known = knownPython(name);
    if (known === undefined) throw new Error(`${name} is not in the catalogue.`);
    expect(toolsFor(known).environment.startsWith('venv')).toBe(modules.has('venv'));
  });
});

describe('a project planned from its metadata runs without a network', () => {
  it.each(BUILDING)('with a test suite, on $path', async (here) => {
    const outcome = await run(jobOf(UNITTEST, here.name), { ...UNITTEST, 'engine/tests/test_engine.py': PASSES }, here);
    expect(outcome.output).toMatch(/Ran 1 test/);
    expect(outcome.verdict).toBe('passed');
  });

  it.each(BUILDING)('and fails where a test does, on $path', async (here) => {
    const outcome = await run(jobOf(UNITTEST, here.name), { ...UNITTEST, 'engine/tests/test_engine.py': PASSES.replace('23)', '24)') }, here);
    expect(outcome.verdict).toBe('failed');
  });

  it.each(TESTING)('with pyproject.toml and pytest, on $path', async (here) => {
    const outcome = await run(jobOf(PYTEST, here.name), PYTEST, here);
    expect(outcome.output).toMatch(/1 passed/);
    expect(outcome.verdict).toBe('passed');
  });

  it.each(BUILDING.slice(0, 1))('and what is missing is an error of the installation, on $path', async (here) => {
    const files = { ...UNITTEST, 'requirements-test.txt': 'no-such-distribution-anywhere\n', 'engine/tests/test_engine.py': PASSES };
    const outcome = await run(jobOf(files, here.name), files, here);
    expect(outcome.verdict).toBe('errored');
    expect(outcome.output).toContain('no-such-distribution-anywhere');
  });
});
