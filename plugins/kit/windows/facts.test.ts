import { describe, expect, test } from 'vitest';
import { parseFacts } from './facts.ts';

const VSWHERE = JSON.stringify([
  {
    instanceId: 'a1b2c3d4',
    installationName: 'VisualStudio/17.9.3+34701.34',
    installationPath: 'C:\\Program Files (x86)\\Microsoft Visual Studio\\2022\\BuildTools',
    installationVersion: '17.9.34701.34',
    displayName: 'Visual Studio Build Tools 2022',
    isComplete: true,
  },
  {
    installationPath: 'C:\\Program Files (x86)\\Microsoft Visual Studio\\2017\\Community',
    installationVersion: '15.9.28307.2094',
    displayName: 'Visual Studio Community 2017',
  },
]);

const SERVER = [
  'ProductName\tWindows Server 2022 Datacenter',
  'CurrentBuildNumber\t20348',
  'UBR\t2113',
  'InstallationType\tServer',
  'PROCESSOR_ARCHITECTURE\tAMD64',
  'python\tCPython\t3.11.9\t\t64\tC:\\Python311\\python.exe',
  'python\tCPython\t3.11.9\t\t32\tC:\\Python311-32\\python.exe',
  'python\tCPython\t2.7.18\t\t64\tC:\\Python27-x64\\python.exe',
  'python\tCPython\t2.7.18\t\t32\tC:\\Python27\\python.exe',
  'python\tCPython\t3.11.4\t\t64\tC:\\Program Files\\Python311\\python.exe',
  'python\tCPython\t3.13.2\tt\t64\tC:\\Python313t\\python.exe',
  'python\tPyPy\t3.9.18\t\t64\tC:\\PyPy39\\python.exe',
  'python\t\tC:\\broken\\python.exe',
  'compiler\t14.0\tC:\\Program Files (x86)\\Microsoft Visual Studio 14.0\\',
  'compiler\t14.0\tC:\\elsewhere\\',
  'compiler\tInstallDir\tC:\\Users\\ci\\AppData\\Local\\Programs\\Common\\Microsoft\\Visual C++ for Python\\9.0\\',
  'compiler\tMajor\tC:\\nothing',
  `vswhere\t${VSWHERE}`,
  '',
].join('\n');

describe('what a Windows machine says of itself', () => {
  test('of a server with many things', () => {
    const facts = parseFacts(SERVER);
    expect(facts).toMatchObject({ system: 'windows', systemVersion: 'Windows Server 2022 Datacenter 10.0.20348.2113', architecture: 'x86_64' });
    expect(facts?.interpreters.map(({ name, version, path }) => `${name} ${version} ${path}`)).toEqual([
      '3.11 3.11.9 C:\\Python311\\python.exe',
      '3.11-32 3.11.9 C:\\Python311-32\\python.exe',
      '2.7 2.7.18 C:\\Python27-x64\\python.exe',
      '2.7-32 2.7.18 C:\\Python27\\python.exe',
      '3.13t 3.13.2 C:\\Python313t\\python.exe',
      'pypy3.9 3.9.18 C:\\PyPy39\\python.exe',
    ]);
    expect(facts?.toolchains.map(({ name, version, product, path }) => `${name} ${version}, ${product}: ${path}`)).toEqual([
      'msvc 9.0, Visual C++ for Python 2.7: C:\\Users\\ci\\AppData\\Local\\Programs\\Common\\Microsoft\\Visual C++ for Python\\9.0',
      'msvc 14.0, Visual Studio 2015: C:\\Program Files (x86)\\Microsoft Visual Studio 14.0',
      'msvc 15.0, Visual Studio 2017: C:\\Program Files (x86)\\Microsoft Visual Studio\\2017\\Community',
      'msvc 17.0, Visual Studio 2022: C:\\Program Files (x86)\\Microsoft Visual Studio\\2022\\BuildTools',
    ]);
  });

  test('of a Windows 11, whose registry says 10', () => {
    const text = 'ProductName\tWindows 10 Pro\nCurrentBuildNumber\t22631\nPROCESSOR_ARCHITECTURE\tARM64\n';
    expect(parseFacts(text)).toEqual({
      system: 'windows',
      systemVersion: 'Windows 11 Pro 10.0.22631',
      architecture: 'aarch64',
      interpreters: [],
      toolchains: [],
    });
  });

  test('has its 32-bit interpreters without a mark where all of it is 32-bit', () => {
    const text = 'PROCESSOR_ARCHITECTURE\tx86\npython\tCPython\t2.7.18\t\t32\tC:\\Python27\\python.exe\n';
    expect(parseFacts(text)).toMatchObject({ systemVersion: null, architecture: 'i686', interpreters: [{ name: '2.7' }] });
  });

  test.each(['', 'PROCESSOR_ARCHITECTURE\tMIPS', 'something else'])('%j is nothing', (text) => {
    expect(parseFacts(text)).toBeNull();
  });

  test.each([
    ['vswhere\t[', { toolchains: [] }],
    ['vswhere\t[{"installationPath":"/x","installationVersion":"17.0","displayName":"x"}]', { toolchains: [] }],
    ['compiler\t13.0\tC:\\x', { toolchains: [] }],
    ['compiler\t14.0\tC:\\a"&calc\\', { toolchains: [] }],
    ['compiler\t14.0\tC:\\%TEMP%', { toolchains: [] }],
    ['python\tCPython\t3.11.9\t\t64\trelative.exe', { interpreters: [] }],
    ['ProductName\t<script>\nCurrentBuildNumber\t1', { systemVersion: null }],
    ['ProductName\tWindows\nCurrentBuildNumber\tx', { systemVersion: null }],
  ])('passes over %j', (line, facts) => {
    expect(parseFacts(`PROCESSOR_ARCHITECTURE\tAMD64\n${line}\n`)).toMatchObject(facts);
  });
});
