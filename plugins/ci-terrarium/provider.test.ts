import { type CiPlan, type CiProvider, JobSpec } from '#plugins/api';
import { describe, expect, it } from 'vitest';
import type { TerrariumCiConfig } from './config.ts';
import { TerrariumCi } from './provider.ts';
import { CHANGE, contextOf } from './test-support.ts';

function parse(text: string, config: Partial<TerrariumCiConfig> = {}): CiPlan {
  const provider: CiProvider = new TerrariumCi(contextOf(config));
  return provider.parse({ file: '.terrarium.yml', texts: new Map(), text, change: CHANGE });
}

/** The jobs of a description about which there is nothing to say. */
function jobsOf(text: string): readonly JobSpec[] {
  const { jobs, messages } = parse(text);
  expect(messages).toEqual([]);
  for (const job of jobs) expect(JobSpec.parse(job)).toEqual(job);
  return jobs;
}

function names(text: string): string[] {
  return jobsOf(text).map(({ name }) => name);
}

/** The only job. */
function jobOf(text: string): JobSpec {
  const [job, ...others] = jobsOf(text);
  if (job === undefined || others.length > 0) throw new Error(`expected one job, got ${others.length + (job === undefined ? 0 : 1)}`);
  return job;
}

/** What is said: `level line:column path: text`. */
function said(text: string, config: Partial<TerrariumCiConfig> = {}): string[] {
  return parse(text, config).messages.map((message) => `${message.level} ${message.line}:${message.column} ${message.path}: ${message.text}`);
}

describe('packages of the system and servers', () => {
  it('are those of the file unless a job says otherwise, under one name each', () => {
    const jobs = jobsOf(
      'python: [3.9]\napt: [libpq-dev, libpq-dev]\nservices: [postgres, redis]\ntest: x\njobs: [{name: plain, apt: [], services: []}]\n',
    );
    expect(jobs.map(({ apt, services }) => [apt, services])).toEqual([
      [['libpq-dev'], ['postgresql', 'redis']],
      [undefined, undefined],
    ]);
    expect(jobs[0]?.config).toMatchObject({ apt: ['libpq-dev'], services: ['postgresql', 'redis'] });
  });

  it('are for Linux, and jobs on other systems do without', () => {
    const text = 'os: [linux, windows]\nservices: redis\ntest: x\n';
    expect(parse(text).jobs.map(({ services }) => services)).toEqual([['redis'], undefined]);
    expect(said(text)).toEqual(['warning null:null : "apt" and "services" are only for jobs on Linux: the others do without.']);
  });

  it('that are not known are warned of, and the others started', () => {
    expect(parse('services: [redis, oracle]\ntest: x\n').jobs[0]?.services).toEqual(['redis']);
    expect(said('services: [redis, oracle]\ntest: x\n')).toEqual([expect.stringContaining('warning 1:19 services[1]: "oracle" is not started')]);
  });
});

describe('the matrix', () => {
  it('is the product of its axes, Python first', () => {
    const text = `
python: [3.9, 3.10, pypy3.9]
env: [{DB: sqlite}, {DB: postgres}]
install: pip install -e .[test]
test: pytest
`;
    expect(names(text)).toEqual([
      '3.9 · DB=sqlite',
      '3.9 · DB=postgres',
      '3.10 · DB=sqlite',
      '3.10 · DB=postgres',
      'pypy3.9 · DB=sqlite',
      'pypy3.9 · DB=postgres',
    ]);
  });

  it('reads versions as they are written', () => {
    const text = 'python: [3.10, "3.10.0", 2.7, 3, PyPy3.10, 3.13t, jython2.7, my-fork-3.12]\ntest: "true"\n';
    expect(jobsOf(text).map(({ requirements }) => requirements.interpreter)).toEqual([
      '3.10',
      '3.10.0',
      '2.7',
      '3',
      'pypy3.10',
      '3.13t',
      'jython2.7',
      'my-fork-3.12',
    ]);
  });

  it('has systems and architectures too', () => {
    const jobs = jobsOf('python: 3.11\nos: [linux, macos]\narchitecture: [amd64, arm64]\ntest: pytest\n');
    expect(jobs.map(({ name, requirements: { system, architecture } }) => [name, system, architecture])).toEqual([
      ['3.11 · linux · x86_64', 'linux', 'x86_64'],
      ['3.11 · linux · aarch64', 'linux', 'aarch64'],
      ['3.11 · macos · x86_64', 'macos', 'x86_64'],
      ['3.11 · macos · aarch64', 'macos', 'aarch64'],
    ]);
    expect(jobs.map(({ cell }) => cell)).toContainEqual({ column: '3.11', row: 'macos · aarch64' });
  });

  it('may be one job without any Python', () => {
    expect(jobOf('test: make check\n')).toMatchObject({
      name: 'test',
      requirements: { system: 'linux', interpreter: null },
      cell: { column: 'none', row: '' },
    });
  });

  it('leaves out what is excluded', () => {
    const text = `
python: [3.9, 3.10]
env: [{DB: sqlite, MODE: fast}, {DB: postgres}]
test: pytest
exclude:
  - {python: 3.10, env: {DB: sqlite}}
`;
    expect(names(text)).toEqual(['3.9 · DB=sqlite MODE=fast', '3.9 · DB=postgres', '3.10 · DB=postgres']);
  });

  it('points out what excludes nothing, everything, or anything', () => {
    expect(said('python: [3.9, 3.10]\ntest: pytest\nexclude:\n  - python: 3.1\n')).toEqual([
      'warning 4:5 exclude[0]: No job of the matrix is like this.',
    ]);
    expect(said('python: [3.9, 3.10]\ntest: pytest\nexclude: [{os: linux}]\n')).toEqual([
      'error null:null exclude: There is no job left: everything is excluded.',
    ]);
    expect(said('python: 3.9\ntest: pytest\nexclude: [{}]\n')).toContain(
      'error 3:11 exclude[0]: This says nothing, so it would mean every job. Say which.',
    );
  });

  it('counts once what stands twice, and says so', () => {
    const { jobs } = parse('python: [3.9, 3.9]\nenv: [{A: 1, B: 2}, {B: 2, A: 1}]\ntest: pytest\n');
    expect(jobs).toHaveLength(1);
    expect(said('python: [3.9, "3.9"]\ntest: pytest\n')).toEqual(['warning 1:9 python: Something stands here twice. It counts once.']);
  });

  it('is refused where it is too large, before it is built', () => {
    const list = Array.from({ length: 2000 }, (_, index) => `{A: ${index}}`).join(', ');
    const many = `python: [${Array.from({ length: 1000 }, (_, index) => `3.${index}`).join(', ')}]\nenv: [${list}]\ntest: pytest\n`;
    expect(said(many)).toEqual([
      'error null:null : This makes 2000000 jobs or more, but at most 2000 are allowed here. Take something out of the matrix.',
    ]);
    expect(said('python: [3.9, 3.10]\ntest: pytest\n', { maximumJobs: 1 })).toHaveLength(1);
    expect(said('python: [3.9, 3.10]\ntest: pytest\n', { maximumJobs: 2 })).toEqual([]);
  });
});

describe('jobs', () => {
  const TEXT = `
python: [3.9, 3.12]
env: [{DB: sqlite}, {DB: postgres}]
variables: {PYTHONUTF8: 1, LEVEL: low}
install: pip install .
test: pytest
jobs:
  - name: lint
    python: 3.12
    variables: {LEVEL: high}
    install: pip install ruff
    test: ruff check .
  - test: make docs
  - name: slow
    python: [3.9, 3.12]
    test: pytest --slow
    allow-failure: true
`;

  it('come after the matrix', () => {
    expect(names(TEXT).slice(4)).toEqual(['lint', '3.9 · make docs', 'slow · 3.9', 'slow · 3.12']);
  });

  it('have of the file what they do not say: the first of each axis, and no row of env', () => {
    const jobs = jobsOf(TEXT);
    expect(jobs[4]?.config).toEqual({
      name: 'lint',
      stage: 'test',
      python: '3.12',
      os: 'linux',
      variables: { PYTHONUTF8: '1', LEVEL: 'high' },
      shell: 'sh',
      checkout: { depth: 50, submodules: true },
      install: ['pip install ruff'],
      test: ['ruff check .'],
    });
    expect(jobs[5]).toMatchObject({
      requirements: { interpreter: '3.9' },
      variables: [
        { name: 'PYTHONUTF8', value: '1', expand: false },
        { name: 'LEVEL', value: 'low', expand: false },
      ],
      program: {
        phases: [
          { name: 'install', commands: [{ run: 'pip install .' }] },
          { name: 'test', commands: [{ run: 'make docs' }] },
        ],
      },
    });
    expect(jobs.map(({ allowFailure }) => allowFailure)).toEqual([false, false, false, false, false, false, true, true]);
  });

  it('are all there is where the file has no axis', () => {
    expect(names('test: pytest\njobs: [{python: 3.9}, {python: 3.12, env: {DB: x}}]\n')).toEqual(['3.9', '3.12 · DB=x']);
    expect(names('python: 3.11\njobs: [{test: a}, {test: b}]\n')).toEqual(['3.11 · a', '3.11 · b']);
    expect(names('python: 3.11\ntest: pytest\njobs: [{test: b}]\n')).toEqual(['3.11', '3.11 · b']);
  });

  it('must not leave the commands of the file without a job', () => {
    expect(said('test: pytest\njobs:\n  - name: lint\n    test: ruff check\n')).toEqual([
      'error 1:7 test: No job runs this: each under "jobs" has a "test" of its own. Say on which "python" it is to run, or take it out.',
    ]);
  });

  it('must each have something to test', () => {
    expect(said('install: pip install .\n')).toEqual(['error null:null : There is nothing to test: say which commands to run, as "test: pytest".']);
    expect(said('python: 3.9\njobs:\n  - name: a\n    test: x\n  - name: b\n')).toEqual([
      'error 5:5 jobs[1]: There is nothing to test: say which commands to run, as "test: pytest".',
    ]);
  });

  it('have different names', () => {
    expect(names('test: x\njobs: [{name: a}, {name: a}, {name: a}]\n')).toEqual(['a', 'a (2)', 'a (3)']);
  });

  it('may need no Python', () => {
    expect(jobsOf('python: [3.9, 3.10]\ntest: x\njobs: [{name: c, python: none}]\n').at(-1)?.requirements.interpreter).toBeNull();
  });

  it('may fail where allow-failures says so', () => {
    const text = 'python: [3.9, 3.15]\ntest: x\njobs: [{name: lint, stage: check}]\nallow-failures: [{python: 3.15}, {name: [lint, test]}]\n';
    expect(jobsOf(text).map(({ allowFailure }) => allowFailure)).toEqual([false, true, true]);
    expect(said('python: 3.9\ntest: x\nallow-failures:\n- stage: deploy\n')).toEqual(['warning 4:3 allow-failures[0]: No job is like this.']);
  });
});

describe('stages', () => {
  it('run in the order of the jobs where none is listed', () => {
    const plan = parse('python: 3.9\ntest: x\njobs: [{name: p, stage: publish}, {name: q}]\n');
    expect(plan.stages).toEqual(['test', 'publish']);
    expect(plan.jobs.map(({ name }) => name)).toEqual(['3.9', 'q', 'p']);
    expect(plan.declaredStages).toEqual([]);
  });

  it('run in the order listed', () => {
    const plan = parse('stages: [check, test]\npython: 3.9\nstage: test\ntest: x\njobs: [{name: lint, stage: check}]\n');
    expect([plan.stages, plan.declaredStages, plan.jobs.map(({ name }) => name)]).toEqual([
      ['check', 'test'],
      ['check', 'test'],
      ['lint', '3.9'],
    ]);
  });

  it('must be listed, and used', () => {
    expect(said('stages: [test, publish]\ntest: x\njobs:\n  - name: p\n    stage: publsh\n')).toEqual([
      'error 4:5 jobs[0]: The stage "publsh" is not listed under "stages". Did you mean "publish"?',
      'warning 1:10 stages[0]: No job belongs to the stage "test".',
      'warning 1:16 stages[1]: No job belongs to the stage "publish".',
    ]);
  });
});

describe('what a job is', () => {
  it('has phases with their rules', () => {
    const text = 'shell: bash\ninstall: [a, b]\ntest: |\n  if true; then\n    c\n  fi\nafter: d\n';
    expect(jobOf(text).program).toEqual({
      shell: 'bash',
      phases: [
        { name: 'install', when: 'passing', onFailure: 'error', commands: [{ run: 'a' }, { run: 'b' }] },
        { name: 'test', when: 'passing', onFailure: 'fail', commands: [{ run: 'if true; then\n  c\nfi\n' }] },
        { name: 'after', when: 'always', onFailure: 'ignore', commands: [{ run: 'd' }] },
      ],
    });
  });

  it.each([
    ['', { depth: 50, submodules: true }],
    ['checkout: true', { depth: 50, submodules: true }],
    ['checkout: false', null],
    ['checkout: {depth: 1}', { depth: 1, submodules: true }],
    ['checkout: {depth: all, submodules: false}', { depth: null, submodules: false }],
  ])('has a checkout: %s', (line, expected) => {
    expect(jobOf(`test: x\n${line}\n`).checkout).toEqual(expected);
  });

  it('says where its reports lie, once for all and again for itself', () => {
    expect(jobOf('test: x\n').reports).toBeUndefined();
    expect(jobOf('test: x\nreports: junit/*.xml\n').reports).toEqual(['junit/*.xml']);
    expect(jobOf('reports: a.xml\ntest: x\njobs: [{reports: [b.xml, "**/c.xml", b.xml]}]\n').reports).toEqual(['b.xml', '**/c.xml']);
  });

  it('has limits in seconds', () => {
    expect(jobOf('test: x\nlimits: {time: 1h 30m, silence: 90s}\n').limits).toEqual({ time: 5400, silence: 90 });
    expect(jobOf('test: x\n').limits).toEqual({ time: null, silence: null });
    const text = 'limits: {time: 1h, silence: 5m}\ntest: x\njobs: [{limits: {time: 2h}}]\n';
    expect(jobOf(text).limits).toEqual({ time: 7200, silence: 300 });
  });

  it('has an image', () => {
    expect(jobOf('test: x\nimage: bookworm-i386\n').requirements.image).toBe('bookworm-i386');
  });

  it('finishes fast where that is wanted', () => {
    expect(parse('test: x\nfast-finish: true\n').fastFinish).toBe(true);
    expect(parse('test: x\n').fastFinish).toBe(false);
  });

  it('has variables as they are written', () => {
    const text = 'test: x\nvariables: {A: 007, B: yes, C: "$HOME", D: 1e3, E: "", F: 3.10}\n';
    expect(jobOf(text).variables.map(({ value }) => value)).toEqual(['007', 'yes', '$HOME', '1e3', '', '3.10']);
  });
});

describe('YAML', () => {
  it('may use anchors, merge keys and a place for them', () => {
    const text = `
x-usual: &usual
  python: 3.11
  env: {A: 1}
jobs:
  - <<: *usual
    name: one
    test: x
  - <<: [{name: two}, *usual]
    test: y
    python: 3.12
`;
    const jobs = jobsOf(text);
    expect(jobs.map(({ name, requirements, variables }) => [name, requirements.interpreter, variables.length])).toEqual([
      ['one', '3.11', 1],
      ['two', '3.12', 1],
    ]);
  });

  it('may begin with a byte order mark and end lines with CR LF', () => {
    expect(names('\uFEFFpython: 3.11\r\ntest: pytest\r\n')).toEqual(['3.11']);
  });

  it.each([
    ['nothing', ''],
    ['a comment', '# soon\n'],
    ['an empty document', '---\n'],
  ])('may be %s: then a beginning is shown', (_, text) => {
    expect(said(text)).toEqual(['error 1:1 : This file is empty. A beginning: "python: [3.11, 3.12]", and below it "test: pytest".']);
  });

  it.each([
    ['test: [a', 'error 1:9 : This is no valid YAML: '],
    ['test: a\n\tb: c\n', 'error 2:1 : This is no valid YAML: '],
    ['test: a\ntest: b\n', 'error 2:1 test: "test" stands here twice; the first is in line 1.'],
    ['test: a\n---\ntest: b\n', 'error 2:1 : There is more than one YAML document'],
    ['test: *nobody\n', 'error 1:7 : '],
    ['- test\n', 'error 1:1 : This must be a map with keys like python, os, architecture, but is a list.'],
    ['pytest\n', 'error 1:1 : This must be a map with keys like python, os, architecture, but is a text.'],
    ['? [a]\n: b\n', 'error 1:3 : A key must be a text.'],
  ])('%j has a message', (text, expected) => {
    expect(said(text)).toContainEqual(expect.stringContaining(expected));
    expect(parse(text).jobs).toEqual([]);
  });

  it('may be wrong everywhere: the first errors are shown, and the others counted', () => {
    const errors = said('a\n: ]\n'.repeat(100));
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toMatch(/There are \d+ more errors like these\.$/);
  });

  it('may be too large', () => {
    expect(said(`test: x # ${'y'.repeat(200_000)}`)).toEqual(['error null:null : This is too large: 200010 characters, where 200000 are allowed.']);
    const keys = Array.from({ length: 15_000 }, (_, index) => `x-${index}: a`).join('\n');
    expect(said(`${keys}\ntest: x\nx-1: b\n`)).toEqual(['error 15002:1 x-1: "x-1" stands here twice; the first is in line 2.']);
  });

  it('may try to be a bomb', () => {
    const levels = Array.from({ length: 30 }, (_, index) => `x-${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`);
    expect(said(['x-0: &a0 lol', ...levels, 'test: x'].join('\n'))).toContainEqual(expect.stringContaining('too large or nested too deeply'));
    expect(said('test: &a [*a]\n')).toContainEqual(expect.stringContaining('an alias holds itself'));
    expect(said('['.repeat(150_000))).toContainEqual(expect.stringMatching(/^error /));
    expect(said(`test: ${'['.repeat(200)}x${']'.repeat(200)}\n`)).toContainEqual(expect.stringContaining('nested too deeply'));
  });
});

describe('shells', () => {
  it('are those of the system where nothing is said', () => {
    const jobs = jobsOf('os: [linux, windows]\ninstall: a\ntest: b');
    expect(jobs.map(({ program }) => program.phases.flatMap(({ commands }) => commands.map(({ shell }) => shell ?? program.shell)))).toEqual([
      ['sh', 'sh'],
      ['cmd', 'cmd'],
    ]);
    const [job] = jobsOf('os: windows\nshell: powershell\ntest: b');
    expect(job?.program.phases[0]?.commands).toEqual([{ run: 'b', shell: 'powershell' }]);
    expect(job?.config['shell']).toBe('powershell');
  });
});
