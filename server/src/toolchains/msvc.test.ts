import { describe, expect, test } from 'vitest';
import type { ImageDescription, Toolchain } from '#plugins/api';
import { jobCompiler, licenseOf, toolchainFor, vcvarsArgument, vcvarsPath } from './msvc.ts';

function studio(version: string, year: string): Toolchain {
  return { name: 'msvc', version, product: `Visual Studio ${year}`, path: `C:\\VS${year}` };
}

const ALL = [
  studio('7.1', '2003'),
  studio('9.0', '2008'),
  studio('10.0', '2010'),
  studio('12.0', '2013'),
  studio('14.0', '2015'),
  studio('17.14', '2022'),
];

const IMAGE: ImageDescription = {
  image: 'windows-2016',
  system: 'windows',
  architecture: 'x86_64',
  systemVersion: null,
  isolation: 'vm',
  isolationNote: '',
  digest: null,
  interpreters: [],
  toolchains: ALL,
};

describe('the compiler of a Python', () => {
  test.each([
    ['2.4', '7.1'],
    ['2.5', '7.1'],
    ['2.6', '9.0'],
    ['2.7', '9.0'],
    ['2.7-32', '9.0'],
    ['2', '9.0'],
    ['3.2', '9.0'],
    ['3.3', '10.0'],
    ['3.4-32', '10.0'],
    ['3.5', '17.14'],
    ['3.10', '17.14'],
    ['3.13t', '17.14'],
    ['3', '17.14'],
    ['pypy3.10', '17.14'],
    ['pypy', '9.0'],
    ['pypy2.7', '9.0'],
  ])('%s needs %s', (interpreter, version) => {
    expect(toolchainFor('msvc', interpreter, ALL)?.version).toBe(version);
  });

  test('is no other: an image without it does not fit', () => {
    expect(toolchainFor('msvc', '2.7', [studio('14.0', '2015')])).toBeNull();
    expect(toolchainFor('msvc', '3.4', [studio('14.0', '2015'), studio('9.0', '2008')])).toBeNull();
    expect(toolchainFor('msvc', '3.11', [studio('12.0', '2013')])).toBeNull();
    expect(toolchainFor('msvc', 'jython', ALL)).toBeNull();
    expect(toolchainFor('msvc', '3.11', [])).toBeNull();
  });

  test('may be named: then it is just that', () => {
    expect(toolchainFor('msvc 14.0', '3.11', ALL)?.version).toBe('14.0');
    expect(toolchainFor('msvc 17', '3.11', ALL)?.version).toBe('17.14');
    expect(toolchainFor('msvc 16', '3.11', ALL)).toBeNull();
    expect(toolchainFor('msvc', null, ALL)?.version).toBe('17.14');
  });
});

test.each([
  ['2.7', 'x86_64', 'amd64'],
  ['2.7-32', 'x86_64', 'x86'],
  ['3.4', 'x86_64', 'amd64'],
  ['3.11', 'x86_64', 'x64'],
  ['3.11-32', 'x86_64', 'x86'],
  ['3.11', 'aarch64', 'arm64'],
  ['3.11', 'i686', 'x86'],
])('vcvarsall for %s on %s is called with %s', (interpreter, architecture, argument) => {
  const compiler = jobCompiler('msvc', interpreter, { ...IMAGE, architecture });
  expect(compiler === null ? null : vcvarsArgument(compiler)).toBe(argument);
});

test.each([
  [studio('9.0', '2008'), 'C:\\VS2008\\VC\\vcvarsall.bat'],
  [studio('14.0', '2015'), 'C:\\VS2015\\VC\\vcvarsall.bat'],
  [studio('15.9', '2017'), 'C:\\VS2017\\VC\\Auxiliary\\Build\\vcvarsall.bat'],
  [{ ...studio('9.0', 'x'), product: 'Visual C++ for Python 2.7' }, 'C:\\VSx\\vcvarsall.bat'],
])('%o has its environment in %s', (toolchain, path) => {
  expect(vcvarsPath(toolchain)).toBe(path);
});

test('its licence is one of its version', () => {
  expect(ALL.map(licenseOf)).toEqual(['msvc 7.1', 'msvc 9.0', 'msvc 10.0', 'msvc 12.0', 'msvc 14.0', 'msvc 17.14']);
});
