import { describe, expect, it } from 'vitest';
import { interpreterOf } from './python-version.ts';

describe('a version of setup-python', () => {
  it.each([
    ['3.11', '3.11'],
    ['3.11.4', '3.11.4'],
    ['3', '3'],
    ['3.x', '3'],
    ['3.*', '3'],
    ['x', '3'],
    ['3.12.x', '3.12'],
    ['2.7', '2.7'],
    ['3.13t', '3.13t'],
    ['3.13t-dev', '3.13t'],
    ['3.14-dev', '3.14'],
    ['3.14.0-rc.1', '3.14'],
    ['3.14.0rc1', '3.14'],
    ['3.15.0-alpha - 3.15', '3.15'],
    ['~3.14.0-0', '3.14'],
    ['~=3.12', '3.12'],
    ['>=3.8 <3.13', '3.12'],
    ['>=3.8, <4', '3'],
    ['>= 3.9', '3'],
    ['<=3.11', '3.11'],
    ['^3.8', '3'],
    ['3.8 - 3.11', '3.11'],
    ['3.9 || 3.10', '3.10'],
    ['==3.12', '3.12'],
    ['pypy3.10', 'pypy3.10'],
    ['pypy-3.10', 'pypy3.10'],
    ['pypy-2.7', 'pypy2.7'],
    ['PyPy3.9-v7.3.x', 'pypy3.9'],
    ['pypy-3.9-v7.3.8rc1', 'pypy3.9'],
    ['pypy3.9-nightly', 'pypy3.9'],
    ['pypy3', 'pypy3'],
    ['graalpy-24.1', 'graalpy24.1'],
    [' 3.12 ', '3.12'],
  ])('%j is %s', (version, interpreter) => {
    expect(interpreterOf(version)).toBe(interpreter);
  });

  it.each(['', 'latest', 'py312', '3.', 'jython', '4.0', '1.5', '${{ x }}'])('%j is none', (version) => {
    expect(interpreterOf(version)).toBeNull();
  });
});
