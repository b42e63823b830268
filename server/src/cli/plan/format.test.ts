import type { CiProvider } from '#plugins/api';
import { describe, expect, it } from 'vitest';
import { formatOf } from './format.ts';

function provider(file: string): CiProvider {
  return {
    kind: 'service',
    files: [file],
    title: file,
    parse: () => ({ jobs: [], stages: [], declaredStages: [], messages: [], fastFinish: false }),
  };
}

const FORMATS = [
  { name: 'terrarium', provider: provider('.terrarium.yml') },
  { name: 'travis', provider: provider('.travis.yml') },
  { name: 'appveyor', provider: provider('appveyor.yml') },
  { name: 'github', provider: provider('.github/workflows/*.yml') },
  { name: 'tox', provider: { ...provider('tox.ini'), files: ['tox.ini', 'setup.cfg'] } },
  { name: 'nox', provider: provider('noxfile.py') },
  { name: 'metadata', provider: provider('setup.cfg') },
];

describe('formatOf', () => {
  it.each([
    ['.terrarium.yml', 'script: x', 'terrarium'],
    ['/somewhere/else.terrarium.yml', '', 'terrarium'],
    ['.travis.yml', 'test: x', 'travis'],
    ['old/attrs.travis.yml', 'test: x', 'travis'],
    ['attrs-cfac7463c19c.yml', 'language: python\n', 'travis'],
    ['attrs-cfac7463c19c.yml', 'python: 3.9\ninstall: x\n', 'travis'],
    ['attrs-cfac7463c19c.yml', '', 'travis'],
    ['ci.yml', 'python: 3.9\ntest: pytest\n', 'terrarium'],
    ['ci.yml', 'test: pytest\nscript: pytest\n', 'travis'],
    ['ci.yml', 'env:\n  test: x\n', 'travis'],
    ['.appveyor.yml', 'test: x', 'appveyor'],
    ['psutil-010e0c.yml', 'matrix: {}\ncache: x\ntest_script:\n- x\n', 'appveyor'],
    ['.terrarium.yml/x.yml', 'language: c\n', 'travis'],
    ['/a/.github/workflows/ci.yml', '', 'github'],
    ['.github/workflows/deep/ci.yml', '', 'travis'],
    ['workflows/ci.yml', '', 'travis'],
    ['numpy.yml', 'name: CI\njobs:\n  test:\n    runs-on: ubuntu-latest\n', 'github'],
    ['numpy.yml', 'jobs:\n  call:\n    uses: ./.github/workflows/a.yml\n', 'github'],
    ['ci.yml', 'test: pytest\njobs:\n- python: 3.9\n', 'terrarium'],
    ['ci.yml', 'jobs:\n  include: []\n', 'travis'],
    ['old/attrs.tox.ini', '[flake8]\n', 'tox'],
    ['attrs-cfac74.ini', '[testenv:py27]\ndeps = x\n', 'tox'],
    ['setup.cfg', '[metadata]\n[tox:tox]\n', 'tox'],
    ['setup.cfg', '[metadata]\n', 'metadata'],
    ['noxfile.py', '', 'nox'],
    ['attrs-cfac74.py', '# Sessions.\nimport nox\n', 'nox'],
  ])('%s with %j is of %s', (path, text, expected) => {
    expect(formatOf(path, text, FORMATS, null)?.name).toBe(expected);
  });

  it('is what somebody says', () => {
    expect(formatOf('.travis.yml', 'language: c\n', FORMATS, 'terrarium')?.name).toBe('terrarium');
    expect(formatOf('.travis.yml', '', FORMATS, 'make')).toBeNull();
  });
});
