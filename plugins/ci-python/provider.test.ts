import type { CiPlan, JobSpec } from '#plugins/api';
import { describe, expect, it } from 'vitest';
import { PUSH } from '../api/testing/ci-contract.ts';
import { PythonProvider } from './python-provider.ts';

function plan(files: Readonly<Record<string, string>>, committedAt: string | null = '2024-06-01T12:00:00Z'): CiPlan {
  const provider = new PythonProvider();
  const file = provider.files.find((one) => one in files) ?? 'pyproject.toml';
  return provider.parse({ file, text: files[file] ?? '', texts: new Map(Object.entries(files)), change: { ...PUSH, committedAt } });
}

function job(made: CiPlan, name: string): JobSpec {
  const found = made.jobs.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no job ${name}, but ${made.jobs.map((one) => one.name).join(', ')}.`);
  return found;
}

const commands = (spec: JobSpec, phase: string): string[] =>
  (spec.program.phases.find(({ name }) => name === phase)?.commands ?? []).map(({ run }) => run);
const PROJECT = '[project]\nname = "engine"\nrequires-python = ">=3.7"\n[project.optional-dependencies]\ntest = ["pytest"]\n';

describe('the plan of a project without a CI description', () => {
  it('has a job for each Python, which is skipped where there is none', () => {
    const made = plan({ 'pyproject.toml': PROJECT });
    expect(made.jobs.map(({ name }) => name)).toEqual(['3.7', '3.8', '3.9', '3.10', '3.11', '3.12']);
    expect(made.jobs.every(({ ifAvailable }) => ifAvailable)).toBe(true);
    expect(job(made, '3.12').requirements).toMatchObject({ system: 'linux', interpreter: '3.12' });
  });

  it('installs in place, without a network where all is there', () => {
    const [own] = commands(
      job(plan({ 'setup.py': '', 'pyproject.toml': `[build-system]\nrequires = ["setuptools>=61", "wheel"]\n${PROJECT}` }), '3.12'),
      'install',
    );
    expect(own).toBe(
      "if pip install --quiet --no-index 'setuptools>=61' 'wheel' >/dev/null 2>&1; then\n  pip install --no-build-isolation -e '.[test]'\nelse\n  pip install -e '.[test]'\nfi",
    );
  });

  it('brings an old Python a pytest that it can run, and before all else', () => {
    const made = plan({ 'setup.py': "setup(python_requires='>=2.7,!=3.0.*', tests_require=['pytest', 'mock'])" }, '2014-06-01T00:00:00Z');
    expect(commands(job(made, '2.7'), 'install')[0]).toBe("python -c 'import pytest' 2>/dev/null || pip install 'pytest<=4.6.11'");
    expect(commands(job(made, '2.7'), 'install').at(-1)).toBe("pip install 'pytest' 'mock'");
  });

  it('uses setup.py where unittest does not look for tests, and no isolation where pip knows none', () => {
    const made = plan({
      'setup.py': "setup(test_suite='tests', classifiers=['Programming Language :: Python :: 2.6', 'Programming Language :: Python :: 2.7'])",
    });
    expect(commands(job(made, '2.6'), 'test')).toEqual(['python setup.py test']);
    expect(commands(job(made, '2.6'), 'install')).toEqual(['pip install -e .']);
    expect(commands(job(made, '2.7'), 'test')).toEqual(['python -m unittest discover -s tests -t .']);
  });

  it('installs in place only what can be', () => {
    const build = (backend: string): string =>
      `[build-system]\nrequires = ["x @ y"]\nbuild-backend = "${backend}"\n[project]\nname = "a"\nrequires-python = "==3.6.*"\n`;
    expect(commands(job(plan({ 'pyproject.toml': build('flit_core.buildapi') }), '3.6'), 'install').at(-1)).toBe('pip install .');
    expect(commands(job(plan({ 'setup.py': '', 'pyproject.toml': build('flit_core.buildapi') }), '3.6'), 'install').at(-1)).toBe('pip install .');
    expect(commands(job(plan({ 'setup.py': '', 'pyproject.toml': build('x').replace('3.6', '3.7') }), '3.7'), 'install').at(-1)).toBe(
      'pip install -e .',
    );
    expect(commands(job(plan({ 'setup.py': '', 'pyproject.toml': build('mesonpy').replace('3.6', '3.12') }), '3.12'), 'install')[0]).toBe(
      'pip install .',
    );
  });

  it("sets tox's variables where it is tox that says how tests are run", () => {
    const tox = '[testenv]\nsetenv =\n  DJANGO_SETTINGS_MODULE = tests.settings\ncommands = COMMAND\n';
    const made = (command: string): JobSpec => job(plan({ 'pyproject.toml': PROJECT, 'tox.ini': tox.replace('COMMAND', command) }), '3.12');
    expect(made('python -m django test').variables).toEqual([{ name: 'DJANGO_SETTINGS_MODULE', value: 'tests.settings', expand: false }]);
    expect(made('flake8').variables).toEqual([]);
  });

  it('fetches the whole history where the version comes from it', () => {
    const made = plan({ 'pyproject.toml': `[build-system]\nrequires = ["setuptools_scm"]\n${PROJECT}` });
    expect(made.jobs[0]?.checkout).toEqual({ depth: null, submodules: true });
    expect(made.messages.map(({ text }) => text).join('\n')).toContain('setuptools-scm takes the version from it (pyproject.toml, line 2)');
  });

  it('says why it does what it does', () => {
    const made = plan({
      'setup.cfg': '[metadata]\nname = a\nclassifiers =\n  Programming Language :: Python :: 3.9\n[tool:pytest]\n',
      'setup.py': 'setup(ext_modules=[1])',
    });
    expect(made.messages.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'info: Pythons 3.9: named by classifiers (setup.cfg, line 3).',
      'info: Installed by pip: the project (setup.cfg, line 2).',
      'info: Tests are run by python -m pytest: it is configured: [tool:pytest] in setup.cfg, line 5.',
      'info: Where it is not there already, pytest is of a release that still runs: pytest<=8.4.2 on 3.9.',
      'info: It is compiled, so the image needs compilers: ext_modules (setup.py, line 1).',
    ]);
  });

  it('warns of guesses, and of nose where it does not run', () => {
    const warnings = (made: CiPlan): string[] => made.messages.filter(({ level }) => level === 'warning').map(({ text }) => text);
    expect(warnings(plan({ 'setup.py': 'setup()' }))).toHaveLength(2);
    expect(warnings(plan({ 'pyproject.toml': PROJECT.replace('pytest', 'nose') }))).toEqual([
      'nose does not run on 3.10, 3.11, 3.12: it uses what Python 3.10 took away.',
    ]);
  });

  it('is silent where nothing says what to install or test', () => {
    expect(plan({ 'pyproject.toml': '[tool.black]\nline-length = 100\n', 'setup.cfg': '[flake8]\n' })).toMatchObject({ isSilent: true, jobs: [] });
    expect(plan({ 'setup.cfg': '[flake8]\n', 'manage.py': '', 'requirements.txt': 'django\n' }).jobs).not.toEqual([]);
    expect(commands(job(plan({ 'setup.cfg': '[flake8]\n', 'manage.py': '', 'requirements.txt': 'django\n' }), '3'), 'install')).toEqual([
      'pip install -r requirements.txt',
    ]);
  });

  it('has an error with a line where pyproject.toml is broken, and says which file is too long', () => {
    expect(plan({ 'pyproject.toml': 'a = 1\nb = = 2\n' }).messages).toContainEqual(expect.objectContaining({ level: 'error', line: 2 }));
    expect(plan({ 'setup.py': 'setup()', 'pyproject.toml': `a = "${'x'.repeat(300_000)}"` }).messages[0]?.text).toContain(
      'pyproject.toml is longer than',
    );
  });

  it('takes the day of the catalogue where the change has none', () => {
    expect(plan({ 'pyproject.toml': PROJECT }, null).jobs.map(({ name }) => name)).toContain('3.15');
  });
});
