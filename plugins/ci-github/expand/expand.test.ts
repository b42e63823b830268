import { describe, expect, it } from 'vitest';
import { plan, pullRequest, push, said, steps } from '../test-support.ts';
import { saysTests } from './tests.ts';

const RUN = 'runs-on: ubuntu-latest, steps: [{run: pytest}]';

function stagesOf(jobs: string): string[] {
  return plan(`on: push\njobs:\n${jobs}`).jobs.map(({ name, stage }) => `${name} ${stage}`);
}

describe('stages', () => {
  it('count only jobs that are there', () => {
    const jobs = [
      ` call: {uses: a/b/.github/workflows/tests.yml@v1}`,
      ` one: {needs: call, ${RUN}}`,
      ` two: {${RUN}}`,
      ` three: {needs: one, ${RUN}}`,
    ];
    expect(stagesOf(jobs.join('\n'))).toEqual(['one 1', 'two 1', 'three 2']);
  });

  it('keep the order through jobs that are not there', () => {
    const jobs = [` last: {needs: [call], ${RUN}}`, ` call: {needs: first, uses: a/b/.github/workflows/x.yml@v1}`, ` first: {${RUN}}`];
    expect(stagesOf(jobs.join('\n'))).toEqual(['first 1', 'last 2']);
  });

  it('do not count a job that turns out to have nothing to work on', () => {
    const lost = ' lost: {runs-on: ubuntu-latest, steps: [{uses: actions/download-artifact@v4}, {run: pytest dist}]}';
    expect(stagesOf([lost, ` after: {needs: lost, ${RUN}}`, ` other: {${RUN}}`].join('\n'))).toEqual(['after test', 'other test']);
  });
});

describe('a matrix', () => {
  const matrix = (more: string): string[] => {
    const text = steps('- run: pytest', `strategy: { matrix: { a: [${Array.from({ length: 300 }, (_, index) => index).join(', ')}], ${more} } }`);
    const { jobs, messages } = plan(text);
    return jobs.length > 0 ? [`${jobs.length} jobs`] : messages.map((message) => message.text);
  };

  it('may have 256 rows once its exclusions are out', () => {
    expect(matrix('b: [1, 2], exclude: [{ b: 1 }, { a: 7 }, { a: 1, b: 2 }]')).toEqual([expect.stringContaining('298 rows, but at most 256')]);
    expect(matrix('b: [1, 2, 3], c: [1, 2], exclude: [{ b: 1 }, { b: 2 }, { c: 1, b: 3 }], include: [{ a: x }]')).toEqual([
      expect.stringContaining('301 rows'),
    ]);
    expect(matrix(`exclude: [${Array.from({ length: 44 }, (_, index) => `{ a: ${index} }`).join(', ')}]`)).toEqual(['256 jobs']);
  });

  it('is not made at all where it is enormous before', () => {
    const axis = `[${Array.from({ length: 300 }, (_, index) => index).join(', ')}]`;
    expect(matrix(`b: ${axis}, exclude: [{ c: 1 }, { b: 1 }]`)).toEqual([expect.stringContaining('90000 rows')]);
  });
});

describe('the name of the repository', () => {
  const conditional = (condition: string, change = push()): number =>
    plan(steps('- run: pytest', `if: ${condition}`).replace('on: push', 'on: [push, pull_request]'), change).jobs.length;

  it.each([
    [`github.repository == 'numpy/numpy'`, 1],
    [`github.repository != 'numpy/numpy'`, 1],
    [`github.repository == 'Ada/Engine'`, 1],
    [`github.repository != 'ada/engine'`, 0],
    [`github.repository_owner == 'numpy' && github.ref_name == 'main'`, 1],
    [`github.repository_owner == 'numpy' && github.ref_name == 'other'`, 0],
    [`startsWith(github.repository, 'numpy/')`, 1],
    [`github.event.repository.full_name == 'numpy/numpy'`, 1],
    [`github.event.repository.owner.login == 'numpy'`, 1],
    [`github.repository`, 1],
  ])('holds back no tests of a copy: %s', (condition, jobs) => {
    expect(conditional(condition)).toBe(jobs);
    expect(conditional(condition, push({ repository: '' }))).toBe(condition.endsWith("!= 'ada/engine'") ? 1 : jobs);
  });

  it('is known beside another of the same change', () => {
    const own = pullRequest({ repository: 'bob/engine' });
    expect(conditional('github.event.pull_request.head.repo.full_name != github.repository', own)).toBe(0);
    expect(conditional('github.event.pull_request.head.repo.full_name != github.repository', pullRequest())).toBe(1);
    expect(conditional('github.event.pull_request.head.repo.full_name == github.repository', pullRequest())).toBe(0);
  });

  it('is what it is where nothing is tested, and nobody waits for such a job', () => {
    const deploy = " deploy: {if: github.repository == 'a/b', runs-on: ubuntu-latest, steps: [{run: python deploy.py}]}";
    const { jobs, messages } = plan(`on: push\njobs:\n${deploy}\n test: {needs: deploy, ${RUN}}`);
    expect(jobs.map(({ name }) => name)).toEqual(['test']);
    expect(messages.map(({ text }) => text)).toEqual(["The job deploy is left out: its condition does not hold: github.repository == 'a/b'."]);
  });

  it('is what it is outside of conditions', () => {
    const text = steps('- run: pytest ${{ github.repository }}', "runs-on: ${{ github.repository == 'a/b' && 'windows-2022' || 'macos-15' }}");
    const [job] = plan(text.replace('    runs-on: ubuntu-latest\n', '')).jobs;
    expect(job?.requirements.system).toBe('macos');
    expect(job?.program.phases[1]?.commands[0]?.title).toBe('pytest ada/engine');
  });

  it('is told where it counts as true', () => {
    expect(said(steps('- run: pytest', "if: github.repository == 'numpy/numpy'"))).toEqual([
      'info 5:5 jobs.test.if: This counts as true as far as it is not known here: ada/engine may be called otherwise at GitHub.',
    ]);
  });
});

describe('words', () => {
  it.each([
    'pytest -x',
    'python -m unittest',
    'tox',
    'tox -e py312,docs',
    'nox -s tests',
    'make check',
    'make -j 2 ci',
    './run_tests.sh',
    'python runtests.py',
    'pip install tox && tox -e docs; pytest',
    'Run tests',
    'bash ./tools/ci-run.sh',
  ])('are of tests: %s', (text) => {
    expect(saysTests(text)).toBe(true);
  });

  it.each([
    'pip install pytest .[test]',
    'uv sync --group test',
    'tox -e docs',
    'tox run -e lint -- --fix',
    'nox -s docs',
    'nox --json -l',
    'nox --list-sessions --json | jq .',
    'tox -l',
    'List nox sessions',
    'python -m build && twine check dist/*',
    'make docs',
    'make -C docs html',
    'mypy src',
    'echo latest attested',
    'npm ci',
    'echo $CI',
  ])('are not: %s', (text) => {
    expect(saysTests(text)).toBe(false);
  });
});
