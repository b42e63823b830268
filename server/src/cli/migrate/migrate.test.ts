import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CiPlan, JobSpec, Phase } from '#plugins/api';
import { jobSpec, LINUX } from '../../builds/testing/rows.ts';
import { withFormats } from '../plan/formats.ts';
import { UNPUSHED } from '../plan/read.ts';
import { migrated } from './document.ts';
import { lossesOf } from './read-back.ts';
import { asWritten } from './as-written.ts';

const SOURCE = { files: '.travis.yml', title: 'Travis' };

function phase(name: string, run: readonly string[], changed: Partial<Phase> = {}): Phase {
  return { name, when: 'passing', onFailure: 'error', commands: run.map((one) => ({ run: one })), ...changed };
}

function job(python: string | null, changed: Partial<JobSpec> = {}): JobSpec {
  const phases = [phase('install', ['pip install .']), phase('script', ['pytest'], { onFailure: 'fail-later', when: 'always' })];
  return jobSpec(`job on ${python}`, {
    requirements: { ...LINUX, interpreter: python },
    checkout: { depth: 50, submodules: true },
    program: { shell: 'bash', phases },
    ...changed,
  });
}

function planOf(jobs: readonly JobSpec[], changed: Partial<CiPlan> = {}): CiPlan {
  return { jobs, stages: ['test'], declaredStages: [], messages: [], fastFinish: false, ...changed };
}

/** What our own reader makes of a file. */
async function read(text: string): Promise<CiPlan> {
  return await withFormats((formats) => {
    const provider = formats.find(({ name }) => name === 'terrarium')?.provider;
    if (provider === undefined) throw new Error('our own format is not there');
    const change = {
      kind: 'manual',
      branch: '',
      tag: null,
      commit: '',
      before: null,
      message: '',
      author: '',
      committedAt: null,
      pullRequest: null,
      repository: '',
    } as const;
    return Promise.resolve(provider.parse({ file: '.terrarium.yml', text, texts: new Map(), change }));
  });
}

/** Of a plan what a migration must keep. */
function essence({ jobs }: CiPlan): unknown[] {
  return jobs
    .map(({ requirements, variables, program, allowFailure, checkout, stage, limits, environment, licenses, bundles }) => ({
      ...requirements,
      // Ours counts in whole seconds.
      limits: { time: limits.time, silence: limits.silence === null ? null : Math.ceil(limits.silence) },
      environment,
      licenses,
      bundles,
      shells: [...new Set(program.phases.flatMap(({ commands }) => commands.map(({ shell }) => shell ?? program.shell)))],
      allowFailure,
      checkout,
      stage,
      variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
      commands: program.phases.flatMap(({ commands }) => commands.map(({ run }) => run)),
    }))
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

async function expectKept(plan: CiPlan): Promise<string> {
  const text = migrated(plan, SOURCE);
  const again = await read(text);
  expect(
    again.messages.filter(({ level }) => level !== 'info'),
    text,
  ).toEqual([]);
  expect(essence(again), text).toEqual(essence(plan));
  expect(lossesOf(plan, again)).toEqual([]);
  return text;
}

test('jobs that differ in their Python alone become one matrix', async () => {
  expect(await expectKept(planOf([job('2.7'), job('3.10'), job('pypy3.9')]))).toBe(
    `# Made from .travis.yml (Travis). Look it over, and try it: terrarium run

python: [ "2.7", "3.10", pypy3.9 ]
shell: bash
install: pip install .
test: pytest
`,
  );
});

test('other jobs are listed, each with what is its own', async () => {
  const lint = job('3.12', { program: { shell: 'bash', phases: [phase('script', ['ruff check .'], { onFailure: 'fail' })] }, allowFailure: true });
  const windows = job('3.12', { requirements: { ...LINUX, system: 'windows', interpreter: '3.12', architecture: 'i686' } });
  const text = await expectKept(planOf([job('3.11'), job('3.12'), lint, windows]));
  expect(text).toContain('jobs:\n  - python: "3.12"');
  expect(text).toContain('allow-failure: true');
});

test('variables, stages, depth and limits are kept', async () => {
  const variables = (value: string) => [{ name: 'DB', value, expand: false }];
  const jobs = [
    job('3.11', { variables: variables('sqlite'), stage: 'check' }),
    job('3.11', { variables: variables('postgres: "yes"'), stage: 'check' }),
    job('3.11', { variables: variables('x\ny'), stage: 'test', checkout: { depth: null, submodules: false } }),
    job(null, { stage: 'test', checkout: null, limits: { time: 60, silence: 1.5 } }),
  ];
  await expectKept(planOf(jobs, { stages: ['check', 'test'], fastFinish: true }));
});

test('what ours cannot say is said in comments, and nothing is lost', () => {
  const phases = [
    phase('travis', ['travis_retry() { :; }']),
    phase('install', ['travis_retry pip install .']),
    phase('script', ['pytest a', 'pytest b'], { onFailure: 'fail-later', when: 'always' }),
    phase('after_success', ['codecov'], { onFailure: 'ignore' }),
    phase('after_failure', ['cat log'], { onFailure: 'ignore', when: 'failing' }),
  ];
  const text = migrated(
    planOf([job('3.11', { program: { shell: 'bash', phases }, variables: [{ name: 'P', value: '$HOME/x', expand: true }] })]),
    SOURCE,
  );
  expect(text).not.toContain('travis_retry() {');
  expect(text).toContain('install:\n  - export P=$HOME/x\n  - travis_retry pip install .\n');
  expect(text).toContain('after: codecov\n');
  expect(text.split('\n').filter((line) => line.startsWith('# - '))).toEqual([
    '# - all commands of script ran, even after one had failed; ours stop at the first',
    '# - after_success ran only after success; "after" runs in any case',
    '# - after_failure ran only after a failure, which ours cannot say: "cat log"',
    '# - travis_retry is a function of the other service: replace it',
  ]);
});

/** A job that says all that an entry cannot take back. */
function deploy(python: string): JobSpec {
  return job(python, {
    requirements: { ...LINUX, interpreter: python, architecture: 'aarch64', image: 'debian', compiler: 'msvc' },
    environment: 'deploy',
    limits: { time: 60, silence: null },
    program: { shell: 'sh', phases: [phase('script', ['make release'], { onFailure: 'fail' })] },
  });
}

test('what an entry cannot take back is not said of the whole file', async () => {
  const lint = job('3.12', { program: { shell: 'bash', phases: [phase('script', ['ruff check .'], { onFailure: 'fail' })] } });
  const text = await expectKept(planOf([deploy('3.11'), deploy('3.12'), deploy('3.13'), lint]));
  expect(text).not.toContain('\nenvironment: deploy');
  // Neither can be the whole file: each has something that the other lacks.
  await expectKept(planOf([deploy('3.11'), job('3.12', { limits: { time: null, silence: 5 } })]));
  expect(await expectKept(planOf([deploy('3.11'), deploy('3.12')]))).toContain('\nenvironment: deploy');
});

test('jobs on the same Pythons keep all of them, and their own checkout and shell', async () => {
  const ruff: Partial<JobSpec> = { program: { shell: 'bash', phases: [phase('script', ['ruff check .'], { onFailure: 'fail' })] } };
  await expectKept(planOf([job('3.11'), job('3.12'), job('3.11', ruff), job('3.12', ruff)]));
  const deep = { checkout: { depth: null, submodules: false } };
  await expectKept(
    planOf([job('3.11', deep), job('3.12', deep), job('3.11', ruff), job('3.13', { ...ruff, checkout: { depth: 7, submodules: true } })]),
  );
  const cmd = [phase('test', ['pytest'], { onFailure: 'fail' })].map((one) => ({ ...one, commands: [{ run: 'pytest', shell: 'cmd' as const }] }));
  const windows = { requirements: { ...LINUX, system: 'windows', interpreter: '3.12' }, program: { shell: 'bash' as const, phases: cmd } };
  await expectKept(planOf([job('3.11'), job('3.12'), job('3.12', windows)]));
});

test('whatever jobs there are, the file that they make says the same jobs', async () => {
  const maybe = <T>(value: T): fc.Arbitrary<T | null> => fc.constantFrom(value, null);
  const arbitraryJob = fc
    .record({
      python: fc.constantFrom('3.11', '3.12', null),
      system: fc.constantFrom('linux', 'windows'),
      architecture: fc.constantFrom('x86_64', 'aarch64', null),
      image: maybe('debian'),
      environment: maybe('deploy'),
      time: maybe(60),
      silence: maybe(5),
      shell: fc.constantFrom('sh' as const, 'bash' as const, 'cmd' as const),
      checkout: fc.constantFrom(null, { depth: 50, submodules: true }, { depth: 7, submodules: true }, { depth: null, submodules: false }),
      licenses: fc.constantFrom<JobSpec['licenses'][]>(undefined, ['b', 'a']),
      variables: fc.constantFrom<JobSpec['variables'][]>([], [{ name: 'DB', value: 'x', expand: false }]),
      allowFailure: fc.boolean(),
      install: fc.boolean(),
    })
    .map(({ python, system, architecture, image, environment, time, silence, shell, install, licenses, ...same }) =>
      job(python, {
        ...same,
        requirements: { system, architecture, interpreter: python, image },
        ...(environment === null ? {} : { environment }),
        ...(licenses === undefined ? {} : { licenses }),
        limits: { time, silence },
        program: {
          shell: 'bash',
          phases: [...(install ? ['install'] : []), 'test'].map((name) => ({
            ...phase(name, [], { onFailure: name === 'test' ? 'fail' : 'error' }),
            commands: [{ run: name, shell }],
          })),
        },
      }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryJob, { minLength: 1, maxLength: 6 }), async (jobs) => {
      const plan = planOf(jobs);
      const text = migrated(plan, SOURCE);
      expect(lossesOf(plan, await read(text)), text).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a file that is read back as something else is told of', async () => {
  const plan = planOf([job('3.11'), job('3.12')]);
  const again = await read(migrated(planOf([job('3.11'), job('3.13')], { fastFinish: true }), SOURCE));
  expect(lossesOf(plan, again)).toEqual([
    'as this file stands, these jobs come out otherwise, or not at all: job on 3.12',
    'as this file stands, these jobs are others than there were: 3.13',
    'as this file stands, when the verdict is given is different',
  ]);
  expect(lossesOf(plan, await read('python: [\n'))).toEqual([expect.stringContaining('our own reader refuses this file')]);
  expect(migrated(plan, SOURCE, ['one is lost'])).toContain('# - one is lost\n');
});

test('a job that asks what there is to run becomes one that runs all of it', async () => {
  const asking = job('3', {
    name: 'nox --list',
    stage: 'ask nox',
    plans: { file: 'noxfile.py', answer: 'home/x', stage: 'test', otherwise: 'python -m nox' },
  });
  const plain = asWritten(planOf([asking], { stages: ['ask nox', 'test'] }));
  expect(plain).toMatchObject({ stages: ['test'], jobs: [{ stage: 'test' }] });
  expect(plain.jobs[0]?.plans).toBeUndefined();
  const text = migrated(plain, SOURCE);
  expect(text).toContain('python -m nox');
  expect(text).not.toContain('pytest');
  expect(lossesOf(plain, await read(text))).toEqual([]);
});

test('what is the work of a machine is written as a person would, without the variables that only that reads', async () => {
  const written = { run: 'pip install tox', unneeded: ['TERRARIUM_TOOL'] };
  const phases = [phase('install', [], { commands: [{ run: 'if long; then script; fi', written }] }), phase('test', ['tox'], { onFailure: 'fail' })];
  const variables = ['TERRARIUM_TOOL', 'TOXENV'].map((name) => ({ name, value: 'py39', expand: false }));
  const plan = asWritten(planOf([job('3.9', { variables, program: { shell: 'sh', phases } })]));
  const text = migrated(plan, SOURCE);
  expect(text).toContain('install: pip install tox');
  expect(text).not.toMatch(/script|TERRARIUM/);
  expect(lossesOf(plan, await read(text))).toEqual([]);
});

/** What is written for a file of Travis's. */
async function ofTravis(text: string): Promise<string> {
  return await withFormats((formats) => {
    const travis = formats.find(({ name }) => name === 'travis')?.provider;
    if (travis === undefined) throw new Error('Travis is not read');
    return Promise.resolve(migrated(travis.parse({ file: '.travis.yml', text, texts: new Map(), change: UNPUSHED }), SOURCE));
  });
}

test('what a service sets by itself is not written down, unless the job reads it', async () => {
  const matrix = await ofTravis('language: python\npython: ["3.9", "3.10"]\nenv: [DB=a, DB=b]\nscript: make "$DB"\n');
  expect(matrix).not.toMatch(/TRAVIS|LANG|PIP_|CI:/);
  const reading = await ofTravis(
    'language: python\npython: "3.9"\nscript: ./test "$TRAVIS_PYTHON_VERSION" "$TRAVIS_BRANCH" "$TRAVIS_PULL_REQUEST" "$TRAVIS_COMMIT_RANGE"\n',
  );
  expect(reading).toContain('TRAVIS_PYTHON_VERSION: "3.9"');
  expect(reading).toContain('export TRAVIS_BRANCH="$TERRARIUM_BRANCH"');
  expect(reading).toContain('export TRAVIS_PULL_REQUEST="${TERRARIUM_PULL_REQUEST:-false}"');
  expect(reading).not.toMatch(/TRAVIS_COMMIT_RANGE:|TRAVIS_COMMIT:/);
  expect(reading).toContain('TRAVIS_COMMIT_RANGE is a variable of the other service, of one commit');
});
