import { expect, test } from 'vitest';
import type { CiPlan, JobSpec, Phase } from '#plugins/api';
import { jobSpec, LINUX } from '../../builds/testing/rows.ts';
import { withFormats } from '../plan/formats.ts';
import { migrated } from './document.ts';

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
    .map(({ requirements, variables, program, allowFailure, checkout, stage }) => ({
      ...requirements,
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
