import { describe, expect, it } from 'vitest';
import { plan, provider, push, said } from '../test-support.ts';

function names(text: string, change = push()): string[] {
  return plan(`build: off\ntest_script: pytest\n${text}`, change).jobs.map(({ name }) => name);
}

describe('the matrix', () => {
  it('has one job where nothing says otherwise, on Windows', () => {
    const found = plan('build: off\ntest_script: pytest\n');
    expect(found.jobs).toMatchObject([{ name: 'none', stage: 'test', requirements: { system: 'windows', interpreter: null, image: null } }]);
    expect(found).toMatchObject({ stages: ['test'], fastFinish: false, messages: [] });
  });

  it('is images x platforms x configurations x rows of variables', () => {
    expect(
      names('image: [Visual Studio 2019, Ubuntu]\nplatform: [x86, x64]\nconfiguration: Release\nenvironment: {matrix: [{DB: a}, {DB: b}]}\n'),
    ).toEqual([
      'Visual Studio 2019 · x86 · DB=a',
      'Visual Studio 2019 · x86 · DB=b',
      'Visual Studio 2019 · x64 · DB=a',
      'Visual Studio 2019 · x64 · DB=b',
      'Ubuntu · x86 · DB=a',
      'Ubuntu · x86 · DB=b',
      'Ubuntu · x64 · DB=a',
      'Ubuntu · x64 · DB=b',
    ]);
  });

  it('takes `os` for `image`, and a row may name an image of its own', () => {
    const found = plan(
      'build: off\ntest_script: a\nos: Visual Studio 2013\nenvironment:\n  matrix: [{A: 1}, {APPVEYOR_BUILD_WORKER_IMAGE: macOS}, {appveyor_build_worker_image: Ubuntu2204}]\n',
    );
    expect(found.jobs.map(({ requirements, config }) => [requirements.system, config['image']])).toEqual([
      ['windows', 'Visual Studio 2013'],
      ['macos', 'macOS'],
      ['linux', 'Ubuntu2204'],
    ]);
  });

  it('leaves out what `exclude` names, and what `only` does not, in any case of letters', () => {
    const rows = 'platform: [x86, x64]\nenvironment: {A: 1, matrix: [{DB: Mysql}, {DB: pg}]}\n';
    expect(names(`${rows}matrix: {exclude: [{Platform: X86, db: mysql}]}\n`)).toEqual(['x86 · DB=pg', 'x64 · DB=Mysql', 'x64 · DB=pg']);
    expect(names(`${rows}matrix: {exclude: [{A: 1, DB: pg}]}\n`)).toEqual(['x86 · DB=Mysql', 'x64 · DB=Mysql']);
    expect(names(`${rows}matrix: {only: [{platform: x64}], except: [{DB: pg}]}\n`)).toEqual(['DB=Mysql']);
    expect(said(`build: off\ntest_script: a\n${rows}matrix:\n  exclude:\n  - platform: ARM\n`)).toEqual([
      'info 7:5 matrix.exclude[0]: No job is like this: it has no effect.',
    ]);
  });

  it('says so where everything is left out', () => {
    expect(plan('test_script: a\nplatform: x86\nmatrix: {exclude: [{platform: x86}]}\n')).toMatchObject({
      jobs: [],
      messages: [{ level: 'info', text: 'No job is left to run.' }],
    });
  });

  it('marks jobs that may fail, and knows fast_finish, also in a list', () => {
    const found = plan('build: off\ntest_script: a\nplatform: [x86, x64]\nmatrix:\n- fast_finish: yes\n- allow_failures: [{platform: x64}]\n');
    expect(found.fastFinish).toBe(true);
    expect(found.jobs.map(({ allowFailure }) => allowFailure)).toEqual([false, true]);
  });

  it('may be no larger than is configured', () => {
    const text = 'test_script: a\nplatform: [1, 2, 3]\n';
    expect(provider({ maximumJobs: 3 }).parse({ file: 'appveyor.yml', texts: new Map(), text, change: push() }).jobs).toHaveLength(3);
    expect(provider({ maximumJobs: 2 }).parse({ file: 'appveyor.yml', texts: new Map(), text, change: push() })).toMatchObject({
      jobs: [],
      messages: [{ level: 'error', text: 'The matrix has 3 rows, but at most 2 are allowed here. Take something out of it.' }],
    });
  });

  it('tells equal jobs apart', () => {
    expect(names('environment: {matrix: [{A: 1}, {A: 1}, {APPVEYOR_JOB_NAME: docs}, {job_name: docs}]}\n')).toEqual([
      'A=1',
      'A=1 (2)',
      'docs',
      'docs (2)',
    ]);
  });
});

describe('sections under `for`', () => {
  const TEXT = `
build: off
image: [Visual Studio 2019, Ubuntu]
environment: {A: common, matrix: [{B: row}]}
install: common
test_script: common
for:
- matrix: {only: [{image: ubuntu}]}
  environment: {A: special, B: special}
  install:
  test_script: [special]
  platform: arm
- matrix: {except: [{image: Ubuntu}]}
  test_script: except
`;

  it('specialise the jobs that they mean', () => {
    expect(plan(TEXT).jobs.map(({ config }) => config)).toEqual([
      { image: 'Visual Studio 2019', environment: { A: 'common', B: 'row' }, install: ['common'], test_script: ['except'] },
      { image: 'Ubuntu', environment: { A: 'special', B: 'special' }, test_script: ['special'] },
    ]);
    expect(said(TEXT)).toContain(
      'warning 12:3 for[0].platform: "platform" has no effect within "for" for some jobs of the matrix: AppVeyor ignores it, too.',
    );
  });

  it('change the whole configuration for some branches', () => {
    const text = `
build: off
configuration: [Debug, Test]
environment: {A: 1, matrix: [{B: 1}]}
test_script: common
artifacts: [{path: bin}]
for:
- branches: {only: [main]}
  configuration: Release
  environment: {A: 2, matrix: [{B: 2}]}
  artifacts: {path: docs}
- branches: {only: [/^dev-/]}
  test_script: dev
`;
    const configs = (branch: string): unknown[] =>
      plan(text, push({ branch })).jobs.map(({ config: { configuration, environment, artifacts, test_script: tests } }) => [
        configuration,
        environment,
        artifacts,
        tests,
      ]);
    const bin = { path: 'bin' };
    expect(configs('main')).toEqual([
      ['Release', { A: '2', B: '1' }, [bin, { path: 'docs' }], ['common']],
      ['Release', { A: '2', B: '2' }, [bin, { path: 'docs' }], ['common']],
    ]);
    expect(configs('dev-x').map((one) => JSON.stringify(one))).toEqual(
      ['Debug', 'Test'].map((one) => JSON.stringify([one, { A: '1', B: '1' }, [bin], ['dev']])),
    );
    expect(configs('other')).toHaveLength(2);
  });

  it('leave single jobs out by their own filters', () => {
    const text = `build: off
test_script: a
configuration: [Debug, Release]
for:
- matrix: {except: [{configuration: Release}]}
  skip_tags: true
- matrix: {only: [{configuration: Release}]}
  branches: {only: [main, v1]}
`;
    expect(plan(text, push()).jobs.map(({ name }) => name)).toEqual(['Debug', 'Release']);
    expect(plan(text, push({ branch: 'dev' })).jobs).toMatchObject([{ config: { configuration: 'Debug' } }]);
    expect(plan(text, push({ kind: 'tag', tag: 'v1' })).jobs).toMatchObject([{ config: { configuration: 'Release' } }]);
    expect(said(text, push({ branch: 'dev' }))).toEqual([
      'info 7:3 for[1]: The job Visual Studio 2015 · Release is left out: the branch dev is not among branches.only.',
    ]);
    expect(plan(text, push({ kind: 'manual', branch: 'dev' })).jobs).toHaveLength(2);
  });
});

describe('jobs that depend on others', () => {
  const flow = (...rows: string[]): string => `build: off\ntest_script: a\nenvironment:\n  matrix:\n${rows.map((row) => `  - ${row}\n`).join('')}`;

  it('are in later stages', () => {
    const found = plan(
      flow(
        '{job_name: deploy, job_depends_on: tests}',
        '{job_name: build}',
        '{job_name: a, job_group: Tests, job_depends_on: Build}',
        '{job_name: b, job_group: tests, job_depends_on: build}',
      ),
    );
    expect(found.stages).toEqual(['1', '2', '3']);
    expect(found.jobs.map(({ name, stage }) => [name, stage])).toEqual([
      ['build', '1'],
      ['a', '2'],
      ['b', '2'],
      ['deploy', '3'],
    ]);
    expect(found.messages).toMatchObject([{ level: 'info', text: expect.stringContaining('wait for all jobs of the stage before') }]);
  });

  it.each([
    [flow('{job_name: a, job_depends_on: nobody}'), 'error 5:19 environment.matrix[0].job_depends_on: No job or group of jobs is called "nobody".'],
    [
      flow('{job_name: a, job_depends_on: b}', '{job_name: b, job_depends_on: a}'),
      'error 5:19 environment.matrix[0].job_depends_on: This job waits for itself.',
    ],
    [flow('{job_name: a, job_depends_on: a}'), 'error 5:19 environment.matrix[0].job_depends_on: This job waits for itself.'],
  ])('cannot wait for ever: %j', (text, expected) => {
    expect(said(text)).toContain(expected);
    expect(plan(text).jobs).toEqual([]);
  });
});
