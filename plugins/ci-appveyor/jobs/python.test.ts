import { describe, expect, it } from 'vitest';
import { plan } from '../test-support.ts';

/** The Python of a job with a row of variables, as `INTERPRETER ARCHITECTURE`, and what of the row is left to tell it apart. */
function python(row: string, more = ''): string {
  const [job] = plan(`build: off\ntest_script: a\n${more}\nenvironment:\n  matrix:\n  - {${row}}\n`).jobs;
  return `${job?.requirements.interpreter} ${job?.requirements.architecture} | ${job?.cell.row}`;
}

describe('the Python of a job on Windows', () => {
  it.each([
    ['PYTHON: "C:\\\\Python27"', '2.7-32 null | '],
    ['PYTHON: C:\\Python27-x64', '2.7 x86_64 | '],
    ['PYTHON: c:/python310-x64/python.exe', '3.10 x86_64 | '],
    ['PYTHON: C:\\Python311-arm64', '3.11 aarch64 | PYTHON=C:\\Python311-arm64'],
    ['PYTHON: C:\\Python313t-x64', '3.13t x86_64 | '],
    ['PYTHON: C:\\Python35rc2', '3.5-32 null | '],
    ['PYTHON: C:\\Python266', '2.6-32 null | '],
    ['PYTHON: C:\\Python322', '3.2-32 null | '],
    ['PYTHON: "C:\\\\Python26.6", PYTHON_ARCH: 64', '2.6 x86_64 | '],
    ['PYTHON: C:\\Python27_32', '2.7-32 null | '],
    ['PYTHON: "\\"C:\\\\Python35-x64\\\\python.exe\\""', '3.5 x86_64 | '],
    ['PYTHON: C:\\Python37-x64, PYTHON_VERSION: 3.7.x, PYTHON_ARCH: "64", TOXENV: py37', '3.7 x86_64 | TOXENV=py37'],
    ['PYTHON: C:\\Python37-x64, PYTHON_VERSION: 3.8.0', '3.7 x86_64 | PYTHON_VERSION=3.8.0'],
    ['PYTHON: C:\\Python34, PYTHON_ARCH: 64', '3.4-32 null | PYTHON_ARCH=64'],
    ['python: 310-x64', '3.10 x86_64 | '],
    ['python: 310, arch: arm64', '3.10-32 null | arch=arm64'],
    ['PYTHON_HOME: C:\\Python27-x64, REACTOR: iocp', '2.7 x86_64 | REACTOR=iocp'],
    ['PYTHON_VER: Python27-x64', '2.7 x86_64 | '],
    ['PYTHON_VERSION: 3.10', '3.10 null | '],
    ['PYTHON_VERSION: "3.6", PYTHON_ARCH: 32', '3.6-32 null | '],
    ['PYTHON: "3.5", ARCH: "64"', '3.5 x86_64 | '],
    ['PYVER: 27', '2.7-32 null | '],
    ['PYVER: "36", PYTHON_ARCH: "64"', '3.6 x86_64 | '],
    ['PYTHON_MAJOR: 3, PYTHON_MINOR: 7, VC: 14', '3.7 null | VC=14'],
    ['MINICONDA: C:\\Miniconda3-x64', '3.7 x86_64 | '],
    ['MINICONDA: C:\\Miniconda, A: 1', '2.7-32 null | A=1'],
    ['MINICONDA: C:\\Miniconda36-x64, PYTHON_VERSION: 3.8', '3.8 x86_64 | MINICONDA=C:\\Miniconda36-x64'],
    ['PYTHON: C:/vp/pypy3', 'pypy3 null | '],
    ['PYTHON: "C:\\\\pypy2.7-v7.3.1-win32"', 'pypy2.7-32 null | '],
    ['TOXENV: py38-django', '3.8 null | TOXENV=py38-django'],
    ['TOXENV: "lint,pypy3"', 'pypy3 null | TOXENV=lint,pypy3'],
    ['TOXENV: docs', 'null null | TOXENV=docs'],
    ['PYTHON: C:/msys64/mingw32', 'null null | PYTHON=C:/msys64/mingw32'],
    ['PATH: "C:\\\\Python27;%PATH%"', 'null null | PATH=C:\\Python27;%PATH%'],
    ['PYTHON: "", PYTHONUTF8: 1', 'null null | PYTHON= PYTHONUTF8=1'],
  ])('%s', (row, expected) => {
    expect(python(row)).toBe(expected);
  });

  it('has the width of the platform where nothing else says one', () => {
    expect(python('PYTHON_MAJOR: 3, PYTHON_MINOR: 7', 'platform: x86')).toBe('3.7-32 null | ');
    expect(python('PYTHON_VERSION: 3.7', 'platform: x64')).toBe('3.7 x86_64 | ');
  });

  it('is that of all jobs where the row says none', () => {
    const text =
      'build: off\ntest_script: a\nenvironment:\n  PYEXE: C:\\Python36\\python.exe\n  matrix: [{PYVER: "27", PYTHON_ARCH: "64"}, {A: 1}]\n';
    expect(plan(text).jobs.map(({ cell }) => cell)).toEqual([
      { column: '2.7', row: '' },
      { column: '3.6-32', row: 'A=1' },
    ]);
  });
});

describe('the Python of a job that only its commands name', () => {
  const install = (...commands: string[]): string => `install:\n${commands.map((command) => `- '${command}'\n`).join('')}`;

  it.each([
    [['C:\\Python35\\python -m pip install tox'], '3.5-32 null'],
    [['SET PATH=C:\\Python35-x64;C:\\Python35-x64\\Scripts;%PATH%'], '3.5 x86_64'],
    [['"%SYSTEMDRIVE%\\\\python27-x64\\\\python.exe" -V'], '2.7 x86_64'],
    [['c:/Python310/python -V', 'ps: $env:PATH = "$env:SystemDrive\\PYTHON310;$env:PATH"'], '3.10-32 null'],
    [['C:\\Python35\\python -V', 'C:\\Python35-x64\\python -V'], 'null null'],
    [['C:\\Python35\\python -V', 'C:\\Python%PYX%\\python -V'], 'null null'],
    [['C:\\Python35%SUFFIX%\\python -V'], 'null null'],
    [['python -V', 'C:\\python-modules\\x', 'C:\\Program Files\\Python35\\python'], 'null null'],
  ])('%j', (commands, expected) => {
    expect(python('A: 1', install(...commands))).toBe(`${expected} | A=1`);
  });

  it('counts after its variables, and says nothing elsewhere than on Windows', () => {
    const command = install('C:\\Python35\\python -V');
    expect(python('TOXENV: py27', command)).toBe('2.7 null | TOXENV=py27');
    expect(python('PYTHON: C:/msys64/mingw32', command)).toBe('null null | PYTHON=C:/msys64/mingw32');
    expect(python('A: 1', `${install().trimEnd()}\n- sh: C:\\Python35\\python -V\n`)).toBe('null null | A=1');
    expect(python('A: 1', `image: Ubuntu\n${command}`)).toBe('null null | A=1');
  });
});

describe('the Python of a job elsewhere', () => {
  it('is that of the stack, before all variables, and has no width', () => {
    expect(python('PYTHON: C:\\Python27', 'image: Ubuntu\nstack: node 9, Python 3.12.1')).toBe('3.12 null | PYTHON=C:\\Python27');
    expect(python('PYTHON: C:\\Python27', 'image: Ubuntu\nstack: node 9')).toBe('2.7 null | PYTHON=C:\\Python27');
    expect(python('PYTHON: C:\\Python27', 'stack: python 3.12')).toBe('2.7-32 null | ');
  });
});
