import { describe, expect, it } from 'vitest';
import { JobSpec } from '#plugins/api';
import { plan, push, said, tag } from '../test-support.ts';
import { cmdLines } from './cmd-lines.ts';

function job(text: string, change = push()): JobSpec {
  return JobSpec.parse(plan(text, change).jobs[0]);
}

function variables(spec: JobSpec): Record<string, string> {
  return Object.fromEntries(spec.variables.map(({ name, value }) => [name, value]));
}

const MIXED = `
build: off
install:
- plain
- cmd: one
- ps: two
- pwsh: three
- sh: four
- {cmd: five, sh: six}
test_script: {ps: "a\\nb"}
`;

describe('commands', () => {
  it('are for cmd and PowerShell on Windows', () => {
    expect(job(MIXED).program).toEqual({
      shell: 'bash',
      phases: [
        {
          name: 'install',
          when: 'passing',
          onFailure: 'fail',
          commands: [
            { run: 'plain', shell: 'cmd' },
            { run: 'one', shell: 'cmd' },
            { run: 'two', shell: 'powershell' },
            { run: 'three', shell: 'pwsh' },
            { run: 'five', shell: 'cmd' },
          ],
        },
        { name: 'test_script', when: 'passing', onFailure: 'fail', commands: [{ run: 'a\nb', shell: 'powershell' }] },
      ],
    });
  });

  it.each(['Ubuntu', 'macOS-Sonoma'])('are for bash and PowerShell 7 on %s', (image) => {
    const text = `${MIXED}image: ${image}\n`;
    const [install, test] = job(text).program.phases;
    expect(install?.commands).toEqual([
      { run: 'plain' },
      { run: 'two', shell: 'pwsh' },
      { run: 'three', shell: 'pwsh' },
      { run: 'four' },
      { run: 'six' },
    ]);
    expect(test?.commands).toEqual([{ run: 'a\nb', shell: 'pwsh' }]);
    expect(said(text).join('\n')).toContain('PowerShell is not run on Linux and macOS yet');
  });

  it('leave PowerShell out on Linux where the description says so', () => {
    const text = `${MIXED}image: Ubuntu\nenvironment: {APPVEYOR_YML_DISABLE_PS_LINUX: true}\n`;
    expect(job(text).program.phases).toMatchObject([{ commands: [{ run: 'plain' }, { run: 'four' }, { run: 'six' }] }]);
    expect(said(text)).toEqual([]);
  });

  it('run in the phases of AppVeyor, with their rules', () => {
    const sections = [
      'on_finish',
      'on_success',
      'on_failure',
      'after_test',
      'test_script',
      'before_test',
      'after_build',
      'build_script',
      'before_build',
      'install',
      'init',
    ];
    const { phases } = job(sections.map((name) => `${name}: ${name}\n`).join('')).program;
    expect(phases.map(({ name, when, onFailure }) => `${name} ${when} ${onFailure}`)).toEqual([
      'init passing fail',
      'install passing fail',
      'before_build passing fail',
      'build_script passing fail',
      'after_build passing fail',
      'before_test passing fail',
      'test_script passing fail',
      'after_test passing fail',
      'on_failure failing ignore',
      'on_success passing fail',
      'on_finish always ignore',
    ]);
  });

  it('of cmd are lines, each looked at, but for what hangs together', () => {
    expect(cmdLines('a\r\n\r\nb  \n')).toEqual(['a', 'b']);
    expect(cmdLines('if x (\n  a\n) else (\n\n  b\n)\nc')).toEqual(['if x (\n  a\n) else (\n\n  b\n)', 'c']);
    expect(cmdLines('a ^\n  b\nc')).toEqual(['a ^\n  b', 'c']);
    expect(cmdLines('echo (\n')).toEqual(['echo (']);
    expect(job('test_script:\n- cmd: |\n    a\n    b\n- |\n  c\n  d\n').program.phases[0]?.commands.map(({ run }) => run)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(job('image: Ubuntu\ntest_script:\n- sh: |\n    a\n    b\n').program.phases[0]?.commands).toEqual([{ run: 'a\nb' }]);
  });

  it('run where `build: off` and `test: off` stand beside them', () => {
    expect(job('build: off\nbuild_script: a\ntest: off\ntest_script: b\n').program.phases.map(({ name }) => name)).toEqual([
      'build_script',
      'test_script',
    ]);
  });

  it('have to be there', () => {
    expect(said('build: off\ninstall:\n')).toEqual(['error 1:1 : There is no command to run. Commands that test stand under "test_script".']);
    expect(said('build: off\nimage: [Ubuntu, Visual Studio 2019]\ntest_script: [sh: a]\n')).toEqual([
      'warning -:- : The job Visual Studio 2019 has nothing to run, and passes.',
    ]);
  });
});

describe('variables', () => {
  it('are those of AppVeyor, then those of all jobs, then those of the row', () => {
    const spec = job(
      'platform: x64\nconfiguration: Debug\ntest_script: a\nenvironment:\n  global: {G: "%H%\\\\x"}\n  H: 1\n  matrix: [{g: 2, R: 50%}]\n',
      push({ message: 'Title\nmore\n\nlast' }),
    );
    expect(variables(spec)).toMatchObject({
      APPVEYOR: 'True',
      CI: 'True',
      CI_WINDOWS: 'true',
      CI_LINUX: 'false',
      PLATFORM: 'x64',
      CONFIGURATION: 'Debug',
      APPVEYOR_BUILD_WORKER_IMAGE: 'Visual Studio 2015',
      APPVEYOR_JOB_NAME: spec.name,
      APPVEYOR_REPO_NAME: 'ada/Engine.py',
      APPVEYOR_ACCOUNT_NAME: 'ada',
      APPVEYOR_PROJECT_NAME: 'Engine.py',
      APPVEYOR_PROJECT_SLUG: 'engine-py',
      APPVEYOR_REPO_BRANCH: 'main',
      APPVEYOR_REPO_COMMIT: '1a2b3c',
      APPVEYOR_REPO_COMMIT_AUTHOR: 'Ada',
      APPVEYOR_REPO_COMMIT_MESSAGE: 'Title',
      APPVEYOR_REPO_COMMIT_MESSAGE_EXTENDED: 'more\n\nlast',
      APPVEYOR_REPO_COMMIT_TIMESTAMP: '2026-01-02T03:04:05Z',
      APPVEYOR_REPO_TAG: 'false',
    });
    expect(Object.keys(variables(spec)).filter((name) => /TAG_NAME|PULL_REQUEST|SCHEDULED|FORCED|API/.test(name))).toEqual([]);
    expect(spec.variables.slice(-3)).toEqual([
      { name: 'g', value: '2', expand: false },
      { name: 'H', value: '1', expand: false },
      { name: 'R', value: '50%', expand: false },
    ]);
  });

  it('refer to others by percent signs on Windows only', () => {
    const expanded = (image: string): unknown[] => job(`image: ${image}\ntest_script: a\nenvironment: {A: "%B%/x"}\n`).variables.slice(-1);
    expect(expanded('Visual Studio 2019')).toEqual([{ name: 'A', value: '%B%/x', expand: true }]);
    expect(expanded('Ubuntu')).toEqual([{ name: 'A', value: '%B%/x', expand: false }]);
  });

  it('tell of tags, pull requests, and how a build came about', () => {
    expect(variables(job('test_script: a\nimage: Ubuntu\n', tag('v1')))).toMatchObject({
      APPVEYOR: 'true',
      APPVEYOR_REPO_TAG: 'true',
      APPVEYOR_REPO_TAG_NAME: 'v1',
      APPVEYOR_REPO_BRANCH: 'v1',
    });
    expect(variables(job('test_script: a\n', push({ kind: 'schedule' })))).toMatchObject({ APPVEYOR_SCHEDULED_BUILD: 'True' });
    expect(variables(job('test_script: a\n', push({ kind: 'manual' })))).toMatchObject({ APPVEYOR_FORCED_BUILD: 'True' });
    const pullRequest = {
      number: 7,
      title: 'Fix',
      headBranch: 'fix',
      headCommit: '4d5e',
      headRepository: 'bob/engine',
      author: null,
      baseCommit: null,
      headRef: null,
      headUrl: null,
    };
    expect(variables(job('test_script: a\n', push({ kind: 'pull-request', pullRequest })))).toMatchObject({
      APPVEYOR_PULL_REQUEST_NUMBER: '7',
      APPVEYOR_PULL_REQUEST_TITLE: 'Fix',
      APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME: 'bob/engine',
      APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH: 'fix',
      APPVEYOR_PULL_REQUEST_HEAD_COMMIT: '4d5e',
    });
  });

  it.each([
    ['', 'Visual Studio 2019', '%APPVEYOR_BUILD_NUMBER%'],
    ["version: '1.0.{build}-{branch}'", 'Visual Studio 2019', '1.0.%APPVEYOR_BUILD_NUMBER%-a-b'],
    ["version: '1.0.{build}-{branch}'", 'Ubuntu', '"1.0.${APPVEYOR_BUILD_NUMBER}-a-b"'],
    ["version: '$(rm x){build}'", 'Ubuntu', undefined],
    ['version: "\\"{build}"', 'Ubuntu', undefined],
    ['version: {build}', 'Ubuntu', '"${APPVEYOR_BUILD_NUMBER}"'],
  ])('%j is the version on %s', (version, image, expected) => {
    const spec = job(`${version}\nimage: ${image}\ntest_script: a\n`, push({ branch: 'a/b' }));
    expect(variables(spec)['APPVEYOR_BUILD_VERSION']).toBe(expected);
  });

  it('leave encrypted ones out, and say so, and never what they were', () => {
    const text = 'test_script: a\nbuild: off\nenvironment:\n  TOKEN:\n    secure: QUJD\n  matrix:\n  - KEY: {secure: REVG}\n';
    expect(said(text)).toEqual([
      'warning 4:3 environment.TOKEN: TOKEN is encrypted for AppVeyor and cannot be read here: enter it again, as a secret of the project.',
      'warning 7:5 environment.matrix[0].KEY: KEY is encrypted for AppVeyor and cannot be read here: enter it again, as a secret of the project.',
    ]);
    const spec = job(text);
    expect(Object.keys(variables(spec))).not.toContain('TOKEN');
    expect(JSON.stringify(spec)).not.toMatch(/QUJD|REVG/);
    expect(spec).toMatchObject({ name: 'KEY=[secure]', config: { environment: { TOKEN: '[secure]', KEY: '[secure]' } } });
  });
});

describe('the checkout', () => {
  it.each([
    ['', { depth: null, submodules: false }],
    ['clone_depth: 5', { depth: 5, submodules: false }],
    ['shallow_clone: true\nclone_depth: 5', { depth: 1, submodules: false }],
    ['install: git submodule update --init', { depth: null, submodules: true }],
  ])('%j', (text, expected) => {
    expect(job(`test_script: a\n${text}\n`).checkout).toEqual(expected);
  });
});
