import { describe, expect, test } from 'vitest';
import type { FailedTest, TestReport } from '#server/api';
import { SetFork } from '#server/api';
import { change, jobSpec, LINUX } from '../builds/testing/rows.ts';
import { type ComparedJob, comparePair, worst } from './compare.ts';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { ScriptedRunner } from '../execution/testing/scripted-runner.ts';
import { planFork } from './fork-plan.ts';
import { type ImageFor, onFork } from './on-fork.ts';
import { imageOf } from './pair-images.ts';

const fork = SetFork.parse({
  name: 'acme-3.8',
  upstream: '3.8',
  images: ['debian-12', 'debian-11'],
  configure: ['--with-pydebug', "CFLAGS=-O0 '$(x)'"],
});
const IMAGE = new ScriptedRunner().image;
const REVISION = { name: 'acme-3.8', upstream: '3.8', revision: 'a'.repeat(40) };

describe('the plan of a fork', () => {
  test('builds it on each image, publishes it, and runs its own tests on what was published', () => {
    const plan = planFork({ fork, change: change(), mayPublish: true });
    expect(plan.jobs.map(({ name, stage, requirements }) => [name, stage, requirements.interpreter, requirements.image])).toEqual([
      ['build · debian-12', 'build', null, 'debian-12'],
      ['build · debian-11', 'build', null, 'debian-11'],
      ['test · debian-12', 'test', `acme-3.8@${'a'.repeat(40)}`, 'debian-12'],
      ['test · debian-11', 'test', `acme-3.8@${'a'.repeat(40)}`, 'debian-11'],
    ]);
    expect(plan.stages).toEqual(['build', 'test']);
    expect(plan.jobs.map(({ publishes }) => publishes !== undefined)).toEqual([true, true, false, false]);
  });

  test('puts nothing of the settings into a command', () => {
    const plan = planFork({ fork, change: change(), mayPublish: true });
    expect(plan.jobs[0]?.variables).toContainEqual({ name: 'TERRARIUM_CONFIGURE', value: "--with-pydebug\nCFLAGS=-O0 '$(x)'", expand: false });
    expect(JSON.stringify(plan.jobs[0]?.program)).not.toContain('pydebug');
  });

  test('of what may not be published tests it where it was built', () => {
    const plan = planFork({ fork, change: change(), mayPublish: false });
    expect(plan.jobs.map(({ name, publishes }) => [name, publishes])).toEqual([
      ['build · debian-12', undefined],
      ['build · debian-11', undefined],
    ]);
    expect(plan.jobs[0]?.program.phases.map(({ name }) => name)).toEqual(['build', 'test']);
  });
});

describe('a Python as it was released', () => {
  const settings = { name: '3.12', upstream: null, images: ['debian-12'], tests: null };

  test('is built like a fork, and its tests with it where there are any', () => {
    const source = planFork({ fork: SetFork.parse({ ...settings, tests: ['-x'] }), change: change({ branch: 'Python-3.12.4' }), mayPublish: true });
    expect(source.jobs.map(({ name }) => name)).toEqual(['build · debian-12', 'test · debian-12']);
    expect(source.messages[0]?.text).toBe('This project builds Python 3.12: it is published as 3.12@Python-3.12.4.');
  });

  test('is built by python-build where a definition is named, which no command holds', () => {
    const fork = SetFork.parse({ ...settings, definition: '3.12.4', configure: ['--with-pydebug'] });
    const [job] = planFork({ fork, change: change(), mayPublish: true }).jobs;
    expect(job?.variables).toContainEqual({ name: 'TERRARIUM_DEFINITION', value: '3.12.4', expand: false });
    expect(JSON.stringify(job?.program)).not.toMatch(/3\.12|pydebug|configure --prefix/);
    expect(JSON.stringify(job?.program)).toContain('python-build');
  });

  test.each([
    [{ name: 'acme-3.12' }, 'upstream'],
    [{ upstream: '3.12' }, 'name'],
    [{ name: 'Python' }, 'name'],
    [{ definition: '3.12.4', tests: [] }, 'tests'],
    [{ definition: '3.12.4', configure: ['CFLAGS=-O0 -g'] }, 'configure'],
    [{ definition: '../3.12' }, 'definition'],
    [{ definition: '-v' }, 'definition'],
  ])('is not %o', (changed, path) => {
    expect(SetFork.safeParse({ ...settings, ...changed }).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  test.each(['3.12', '3.12.4', '3.13t', 'pypy3.10', '2.7'])('may be called %s', (name) => {
    expect(SetFork.safeParse({ ...settings, name }).success).toBe(true);
  });
});

describe('a package on a fork', () => {
  const job = (name: string, interpreter: string | null, changed: object = {}) =>
    jobSpec(name, { requirements: { ...LINUX, interpreter }, ...changed });
  const nowhere = (): null => null;
  const plan = (...jobs: ReturnType<typeof job>[]) => ({ jobs, stages: ['test'], declaredStages: [], messages: [], fastFinish: true });
  const pairsOf = (...jobs: ReturnType<typeof job>[]) =>
    onFork(plan(...jobs), REVISION, nowhere).jobs.map(({ name, requirements }) => [name, requirements.interpreter]);

  test('runs each job of that version twice', () => {
    expect(pairsOf(job('a', '3.9'), job('b', '3.8'), job('c', 'python3.8.1'), job('d', 'pypy3.8'), job('e', '3.8t'))).toEqual([
      ['b · on 3.8', '3.8'],
      ['b · on acme-3.8', REVISION.name + '@' + REVISION.revision],
      ['c · on 3.8', '3.8'],
      ['c · on acme-3.8', REVISION.name + '@' + REVISION.revision],
    ]);
  });

  test('takes the jobs of another Python where there is none of that version, those that may fail last', () => {
    const may = { allowFailure: true };
    expect(pairsOf(job('lint', null), job('a', '3.12', may), job('b', '3.11'), job('c', '3.11'), job('d', '3.10')).map(([name]) => name)).toEqual([
      'b · on 3.8',
      'b · on acme-3.8',
      'c · on 3.8',
      'c · on acme-3.8',
    ]);
  });

  test('whose jobs are only known when its tool has been asked says so', () => {
    const plans = { file: 'noxfile.py', answer: 'home/x', stage: 'test', otherwise: 'nox' };
    const made = onFork(plan(job('nox --list', '3.8', { plans })), REVISION, nowhere);
    expect(made).toMatchObject({
      jobs: [],
      messages: [{ level: 'error', text: expect.stringContaining('only known once its tool has been asked') }],
    });
  });

  test('that runs no Python on Linux says so', () => {
    const made = onFork(plan(job('a', null), jobSpec('b', { requirements: { ...LINUX, system: 'windows', interpreter: '3.8' } })), REVISION, nowhere);
    expect(made.jobs).toEqual([]);
    expect(made.messages).toMatchObject([{ level: 'error', text: expect.stringContaining('none of its jobs') }]);
  });

  test('runs both of a pair on one image, that of the job or one that has both', () => {
    const fits = (name: string, image: string, ...names: string[]) => ({
      name,
      image: { ...IMAGE, image, interpreters: names.map((one) => ({ name: one, implementation: 'cpython', version: '3.8.1', path: 'x' })) },
      limit: 1,
      busy: 0,
      ready: 0,
    });
    const published = `acme-3.8@${REVISION.revision}`;
    const pools = [fits('a', 'debian-10', '3.8'), fits('b', 'debian-11', published), fits('c', 'debian-12', '3.8', published)];
    const imageFor =
      (which: typeof pools): ImageFor =>
      (wanted, sides) =>
        imageOf(which, wanted, NO_DEMAND, sides);
    const own = jobSpec('own', { requirements: { ...LINUX, interpreter: '3.8', image: 'debian-10' } });
    const images = (which: typeof pools) =>
      onFork(plan(job('a', '3.8'), own), REVISION, imageFor(which)).jobs.map(({ requirements }) => requirements.image);
    expect(images(pools)).toEqual(['debian-12', 'debian-12', 'debian-10', 'debian-10']);
    // No pair of different systems, even where that means that one side cannot run.
    expect(images(pools.slice(0, 2))).toEqual(['debian-11', 'debian-11', 'debian-10', 'debian-10']);
    expect(images([])).toEqual([null, null, 'debian-10', 'debian-10']);
  });

  test('has one stage, so that no job waits for another', () => {
    const made = onFork(plan(job('a', '3.8', { stage: 'lint', ifAvailable: true }), job('b', '3.8', { stage: 'test' })), REVISION, nowhere);
    expect(made).toMatchObject({ stages: ['fork'], fastFinish: false });
    expect(made.jobs.map(({ stage, ifAvailable }) => [stage, ifAvailable])).toEqual(Array.from({ length: 4 }, () => ['fork', false]));
  });
});

describe('a fork beside its upstream', () => {
  const failure = (name: string): FailedTest => ({ name, outcome: 'failed', file: null, line: null, message: 'no', logLine: 0 });
  const report = (passed: number, ...failed: string[]): TestReport => ({
    passed,
    failed: failed.length,
    errored: 0,
    skipped: 0,
    failures: failed.map(failure),
  });
  const job = (state: ComparedJob['state'], tests: TestReport | null = null): ComparedJob => ({ jobId: 1, name: 'a', state, reason: null, tests });
  const outcome = (upstream: ComparedJob, on: ComparedJob) => comparePair('a', upstream, on).outcome;

  test.each([
    ['passed', 'passed', 'same'],
    ['failed', 'failed', 'same'],
    ['passed', 'failed', 'regressed'],
    ['failed', 'passed', 'fixed'],
    ['passed', 'running', 'open'],
    ['queued', 'failed', 'open'],
    ['passed', 'errored', 'unknown'],
    ['canceled', 'passed', 'unknown'],
    ['passed', 'skipped', 'unknown'],
  ] as const)('%s, and %s on the fork: %s', (upstream, on, expected) => {
    expect(outcome(job(upstream), job(on))).toBe(expected);
  });

  test('is compared test by test, where both have failed', () => {
    const pair = comparePair('a', job('failed', report(8, 'old', 'gone')), job('failed', report(8, 'old', 'new')));
    expect(pair.outcome).toBe('regressed');
    expect(pair.tests.map(({ name, outcome: one }) => [name, one])).toEqual([
      ['new', 'regressed'],
      ['gone', 'fixed'],
    ]);
    expect(outcome(job('failed', report(8, 'old', 'gone')), job('failed', report(9, 'old')))).toBe('fixed');
    expect(outcome(job('failed', report(8, 'old')), job('failed', report(8, 'old')))).toBe('same');
  });

  test('is not compared test by test where only one side left report files: names differ then', () => {
    const pair = comparePair('a', job('failed', { ...report(2, 'tests.a.old'), files: ['junit.xml'] }), job('failed', report(2, 'old')));
    expect([pair.outcome, pair.tests]).toEqual(['unknown', []]);
    expect(pair.note).toContain('only one side left a report file');
  });

  test('says that other tests ran, and that not all failures are listed', () => {
    expect(comparePair('a', job('passed', report(10)), job('passed', report(7))).note).toBe('7 tests ran on the fork, 10 on its upstream');
    expect(comparePair('a', job('failed', { ...report(1, 'x'), failed: 2 }), job('failed', report(2, 'x'))).note).toBe(
      'more tests failed than are listed',
    );
  });

  test('says only what is certain where a list of failures is cut', () => {
    const names = Array.from({ length: 300 }, (_, index) => `t${index}`);
    const cut = (...failed: string[]): TestReport => ({ ...report(0, ...failed), failed: failed.length + 1 });
    const [all, most] = [job('failed', report(0, ...names)), job('failed', report(1, ...names.slice(1)))];
    const [first, last] = [job('failed', cut(...names.slice(0, 100))), job('failed', cut(...names.slice(1, 101)))];
    expect(comparePair('a', first, last)).toMatchObject({ outcome: 'unknown', tests: [] });
    expect(comparePair('a', all, last)).toMatchObject({ outcome: 'unknown', tests: [] });
    expect(comparePair('a', first, most)).toMatchObject({ outcome: 'unknown', tests: [{ name: 't0', outcome: 'fixed' }] });
    expect(comparePair('a', most, first)).toMatchObject({ outcome: 'regressed', tests: [{ name: 't0', outcome: 'regressed' }] });
    expect(outcome(job('passed', report(8)), first)).toBe('regressed');
    expect(outcome(first, job('passed', report(8)))).toBe('fixed');
  });

  test('of several counts what is worst', () => {
    expect(worst(['same', 'fixed'])).toBe('fixed');
    expect(worst(['same', 'open', 'regressed'])).toBe('regressed');
    expect(worst(['fixed', 'unknown'])).toBe('unknown');
    expect(worst([])).toBe('unknown');
  });
});
