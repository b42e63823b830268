import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { JobSpec } from '#plugins/api';
import { plan, provider, push, said } from '../test-support.ts';
import { interpreterOf } from './requirements.ts';
import { SHELL_FUNCTIONS } from './shell-functions.ts';

function job(text: string, change = push('main')): JobSpec {
  const [first] = plan(text, change).jobs;
  return JobSpec.parse(first);
}

function variables(spec: JobSpec): Record<string, string> {
  return Object.fromEntries(spec.variables.map(({ name, value }) => [name, value]));
}

describe('requirements', () => {
  it.each([
    ['3.6', '3.6'],
    ['3.6-dev', '3.6'],
    ['pypy', 'pypy2.7'],
    ['pypy3', 'pypy3'],
    ['pypy3.6-7.1.1', 'pypy3.6'],
    ['pypy-5.3.1', 'pypy2.7'],
    ['nightly', 'nightly'],
    ['2.7_with_system_site_packages', '2.7'],
  ])('python %s is %s', (given, expected) => {
    expect(interpreterOf(given)).toBe(expected);
  });

  it('translates system and architecture', () => {
    expect(job('os: osx\nlanguage: generic\n').requirements).toEqual({ system: 'macos', architecture: null, interpreter: null, image: null });
    expect(job('language: python\npython: 3.6\narch: arm64\n').requirements).toMatchObject({ architecture: 'aarch64', interpreter: '3.6' });
    expect(job('os: windows\nlanguage: shell\n').requirements.system).toBe('windows');
  });

  it('takes the default Python where none is named', () => {
    const found = provider({ defaultPython: '3.12' }).parse({
      file: '.travis.yml',
      texts: new Map(),
      text: 'language: python\n',
      change: push('main'),
    });
    expect(found.jobs[0]?.requirements.interpreter).toBe('3.12');
    expect(variables(JobSpec.parse(found.jobs[0]))['TRAVIS_PYTHON_VERSION']).toBe('3.12');
  });
});

describe('a Python that only a tox environment names', () => {
  const asked = (text: string): string | null => job(`language: python\n${text}\n`).requirements.interpreter;

  it.each([
    ['env: TOXENV=py27', '2.7'],
    ['env: TOXENV="py34-django,docs"', '3.4'],
    ['env: TOX_ENV=pypy', 'pypy2.7'],
    ['env: TOX_ENVLIST=py310', '3.10'],
    ['env: {global: TOXENV=py33, jobs: TOXENV=py34}', '3.4'],
    ['env: TOXENV=docs TOX_ENV=py35', '3.5'],
    ['env: TOXENV=docs', '3.10'],
    ['env: TOXENV=py27-$DJANGO', '3.10'],
    ['env: {TOXENV: {secure: QUJD}}', '3.10'],
    ['python: 3.6\nenv: TOXENV=py27', '3.6'],
  ])('%s: %s', (text, interpreter) => {
    expect(asked(text)).toBe(interpreter);
  });

  it('is told, and TRAVIS_PYTHON_VERSION says it', () => {
    const told = 'info env: no "python" is given: a job runs on the Python that its TOXENV names';
    const text = 'language: python\nenv: [TOXENV=py27, TOXENV=py34]\n';
    expect(said(text).filter((message) => message === told)).toHaveLength(1);
    expect(variables(job(text))['TRAVIS_PYTHON_VERSION']).toBe('2.7');
    expect(said('language: python\npython: 2.7\nenv: TOXENV=py27\n')).not.toContain(told);
    expect(said('language: generic\nenv: TOXENV=py27\n')).not.toContain(told);
  });
});

describe('variables', () => {
  it('are those of Travis, then the own ones as shell source', () => {
    const spec = job('language: python\npython: 3.6\nenv:\n  global: G=$HOME/x\n  jobs: A="1 2"\n');
    expect(variables(spec)).toMatchObject({
      TRAVIS: 'true',
      CI: 'true',
      TRAVIS_PYTHON_VERSION: '3.6',
      TRAVIS_OS_NAME: 'linux',
      TRAVIS_BRANCH: 'main',
      TRAVIS_COMMIT_MESSAGE: 'Say why',
      TRAVIS_PULL_REQUEST: 'false',
      TRAVIS_REPO_SLUG: 'ada/engine',
      TRAVIS_EVENT_TYPE: 'push',
    });
    expect(spec.variables.slice(-2)).toEqual([
      { name: 'G', value: '$HOME/x', expand: true },
      { name: 'A', value: '"1 2"', expand: true },
    ]);
  });

  it('leave encrypted ones out, and say so', () => {
    const found = plan('env:\n  global:\n    - secure: QUJD\n    - TOKEN: {secure: QUJD}\n');
    expect(JSON.stringify(found.jobs[0]?.variables)).not.toContain('QUJD');
    expect(found.messages.map((message) => message.text).join('\n')).toMatch(/TOKEN has to be entered again/);
  });
});

describe('packages of the system and servers', () => {
  it('are what addons and services say, under our names', () => {
    const spec = job(
      'language: python\nservices: [postgres, redis-server]\naddons:\n  apt: {packages: [libpq-dev, libc6-dev-i386, libpq-dev]}\n  mariadb: "10.3"\n',
    );
    expect(spec).toMatchObject({ apt: ['libpq-dev', 'libc6-dev-i386'], services: ['postgresql', 'redis', 'mariadb'] });
    expect(job('language: python\n')).not.toHaveProperty('apt');
  });

  it('are on Linux only', () => {
    expect(job('os: osx\nservices: redis\naddons: {apt: [gcc]}\n')).not.toHaveProperty('services');
    expect(said('os: osx\nservices: redis\n')).toContain('info services: services are started on Linux only, not on osx');
  });

  it.each([
    [
      'services: [docker, redis]',
      'warning services: "docker" is not started: known are postgresql, redis, mysql, mariadb, memcached, rabbitmq, mongodb',
    ],
    ['addons: {apt: ["$(reboot)"]}', 'warning addons.apt: "$(reboot)" is left out: it is no name of a package that apt could install'],
    ['addons: {apt: [gcc-]}', 'warning addons.apt: "gcc-" is left out: it is no name of a package that apt could install'],
    [
      'addons: {apt: {sources: [deadsnakes], packages: [gcc]}}',
      'info addons.apt.sources: further sources of packages are not added: packages are those of the machine and its release',
    ],
    ['addons: {firefox: latest}', 'info addons.firefox: the addon firefox is not set up: the image must have what it installs'],
    ['addons: {postgresql: "9.6"}', 'info addons.postgresql: postgresql is started in the version that the machine has, not 9.6'],
  ])('%s: what is not done is said', (text, message) => {
    expect(said(`${text}\n`)).toContain(message);
  });
});

describe('names and cells', () => {
  it('tell jobs apart', () => {
    const found = plan('language: python\npython: [3.5, 3.6]\nos: [linux, osx]\nenv:\n  global: G=1\n  jobs: [A=1]\n');
    expect(found.jobs.map((one) => one.name)).toEqual(['3.5 · linux · A=1', '3.6 · linux · A=1', '3.5 · osx · A=1', '3.6 · osx · A=1']);
    expect(found.jobs[0]?.cell).toEqual({ column: '3.5', row: 'linux · A=1' });
  });
});

describe('checkout', () => {
  it.each([
    ['', { depth: 50, submodules: true }],
    ['git: {depth: false}', { depth: null, submodules: true }],
    ['git: {depth: 3, submodules: false}', { depth: 3, submodules: false }],
    ['git: {clone: false}', null],
  ])('%j', (text, expected) => {
    expect(job(text).checkout).toEqual(expected);
  });
});

describe('program', () => {
  it('has the phases of Travis with their rules, one command for each element', () => {
    const spec = job('install: skip\nscript: ["a", "b\\nc"]\nafter_failure: d\nafter_script: e\ndeploy: pypi\n');
    expect(spec.program.phases.slice(1)).toEqual([
      { name: 'script', when: 'always', onFailure: 'fail-later', commands: [{ run: 'a' }, { run: 'b\nc' }] },
      { name: 'after_failure', when: 'failing', onFailure: 'ignore', commands: [{ run: 'd' }] },
      { name: 'after_script', when: 'always', onFailure: 'ignore', commands: [{ run: 'e' }] },
    ]);
    expect(plan('deploy: pypi\n').messages.map((message) => message.text)).toContain('Terrarium does not deploy: the deploy phases are not run');
  });

  it('has the defaults of Python: requirements, and a script that fails', () => {
    const phases = job('language: python\ninstall:\n').program.phases;
    expect(phases.map((phase) => phase.name)).toEqual(['travis', 'install', 'script']);
    expect(spawnSync('bash', ['-c', phases[2]?.commands[0]?.run ?? ''], { encoding: 'utf8' })).toMatchObject({ status: 1 });
    expect(job('language: generic\n').program.phases).toHaveLength(1);
  });
});

describe("the shell functions of Travis's shell", () => {
  function bash(script: string): { status: number | null; output: string } {
    const { status, stdout } = spawnSync('bash', ['-c', `${SHELL_FUNCTIONS}\n${script}`], { encoding: 'utf8' });
    return { status, output: stdout };
  }

  it('retry three times, and give the last status', () => {
    const file = '$(mktemp)';
    expect(bash(`f=${file}; try() { echo x >>$f; return 7; }; travis_retry try; s=$?; wc -l <$f; rm $f; exit $s`)).toEqual({
      status: 7,
      output: '3\n',
    });
    expect(bash('travis_retry echo once')).toEqual({ status: 0, output: 'once\n' });
  });

  it('wait for a command, and show what it said', () => {
    const { status, output } = bash('travis_wait 1 bash -c "echo said; exit 3"');
    expect(status).toBe(3);
    expect(output).toContain('said');
  });

  it('fold, time and count versions', () => {
    expect(bash('travis_fold start x; travis_time_start; travis_time_finish; travis_vers2int 3.6.1').output).toMatch(
      /travis_fold:start:x\r.*travis_time:start:.*travis_time:end:.*1003006001/s,
    );
  });
});
