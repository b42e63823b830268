import { describe, expect, it } from 'vitest';
import { plan, push, rows } from '../test-support.ts';

describe('the matrix', () => {
  it('multiplies the axes in the order of Travis, env fastest', () => {
    const text = 'language: python\nenv: [A=1, A=2]\npython: [2.7, 3.10]\nos: [linux, osx]\n';
    const found = rows(text, ['os', 'python', 'env']).map((row) => JSON.stringify(row));
    expect(found).toHaveLength(8);
    expect(found[0]).toBe('{"os":"linux","python":"2.7","env":[{"A":"1"}]}');
    expect(found[1]).toBe('{"os":"linux","python":"2.7","env":[{"A":"2"}]}');
    expect(found[2]).toBe('{"os":"linux","python":"3.10","env":[{"A":"1"}]}');
    expect(found[4]).toContain('"osx"');
  });

  it('makes one default job of nothing', () => {
    expect(plan('').jobs.map((job) => job.config)).toEqual([{ language: 'ruby', os: 'linux', dist: 'focal' }]);
  });

  it('drops a row of single values if jobs are listed, but not for an empty one', () => {
    const text = (include: string): string => `language: python\npython: 3.6\njobs:\n  include:\n    - ${include}\n`;
    expect(rows(text('env: A=1'), ['python', 'env'])).toEqual([{ python: '3.6', env: [{ A: '1' }] }]);
    expect(rows(text('{}'), ['python'])).toEqual([{ python: '3.6' }]);
  });

  it('gives a listed job the first value of each axis, the first env, and the global env in front', () => {
    const text = 'language: python\npython: [2.7, 3.6]\nenv:\n  global: G=1\n  jobs: [A=1, A=2]\nmatrix:\n  include:\n    - name: extra\n';
    expect(rows(text, ['python', 'env', 'name']).at(-1)).toEqual({ python: '2.7', name: 'extra', env: [{ G: '1' }, { A: '1' }] });
  });

  it('excludes jobs that equal a rule in all its keys, env without the global part', () => {
    const text =
      'language: python\npython: [2.7, 3.6]\nenv:\n  global: [G=1]\n  jobs: [A=1, A=2]\njobs:\n  exclude:\n    - {python: 2.7, env: A=1}\n    - {python: 9, env: A=2}\n';
    expect(rows(text, ['python', 'env']).map((row) => row['python'])).toEqual(['2.7', '3.6', '3.6']);
  });

  it('drops what the language or system does not know, and the duplicates that makes', () => {
    expect(rows('language: generic\npython: [2.7, 3.6]\nos: osx\ndist: xenial\n', ['python', 'dist', 'os'])).toEqual([{ os: 'osx' }]);
  });

  it('refuses a matrix without end, and says so', () => {
    const many = (name: string): string => `${name}: [${Array.from({ length: 100 }, (_, index) => index + 1).join(', ')}]`;
    const found = plan(`language: ruby\n${many('rvm')}\n${many('gemfile')}\n`);
    expect(found.jobs).toEqual([]);
    expect(found.messages.filter((message) => message.level === 'error').map((message) => message.text)).toEqual([
      'This makes 10000 jobs or more, but at most 2000 are allowed here. Take something out of the matrix.',
    ]);
  });
});

describe('stages and failures', () => {
  const text = `
language: python
stages: [lint, Test]
python: [3.5, 3.6]
jobs:
  fast_finish: true
  allow_failures:
    - python: 3.5
  include:
    - {stage: lint, name: style}
    - {name: types}
    - {stage: ship, name: release}
`;

  it('orders by stage, then what may fail last', () => {
    const found = plan(text);
    expect(found.jobs.map((job) => [job.stage, job.name, job.allowFailure])).toEqual([
      ['lint', 'style', true],
      ['lint', 'types', true],
      ['Test', '3.6', false],
      ['Test', '3.5', true],
      ['ship', 'release', true],
    ]);
    expect(found.stages).toEqual(['lint', 'Test', 'ship']);
    expect(found.declaredStages).toEqual([{ name: 'lint' }, { name: 'Test' }, { name: 'ship' }]);
    expect(found.fastFinish).toBe(true);
  });

  it('knows one stage where the description knows none', () => {
    expect(plan('language: python\n')).toMatchObject({ stages: ['test'], declaredStages: [], jobs: [{ stage: 'test' }] });
  });
});

describe('conditions', () => {
  const text = `
jobs:
  include:
    - {name: always}
    - {name: main, if: branch = main}
    - {name: requests, if: type = pull_request}
    - {name: variable, if: env(A) = 1, env: A=1}
`;

  it('leaves out jobs whose condition does not hold, and says so', () => {
    const found = plan(text, push('main'));
    expect(found.jobs.map((job) => job.name)).toEqual(['always', 'main', 'variable']);
    expect(found.messages.map((message) => message.text)).toContain('skipping job #1 because its condition does not match: type = pull_request');
  });

  it('takes a request without a branch for a push to master', () => {
    expect(plan('jobs:\n  include:\n    - {name: a, if: branch = master AND type = push}\n').jobs).toHaveLength(1);
  });

  it('knows tags and pull requests', () => {
    const tagged = push('', { kind: 'tag', tag: 'v1' });
    expect(rows('jobs:\n  include:\n    - {name: a, if: tag =~ ^v}\n    - {name: b, if: tag IS blank}\n', ['name'], tagged)).toEqual(
      [{ name: 'a', if: undefined }].map(({ name }) => ({ name })),
    );
  });
});
