import { describe, expect, test } from 'vitest';
import { ImageRecipe } from '#plugins/api';
import { INTERPRETERS } from './interpreters.ts';
import { planImage } from './plan.ts';
import { debianArchitecture, SUITES, suiteOf } from './suites.ts';

function plan(more: Partial<ImageRecipe>): ReturnType<typeof planImage> {
  return planImage(ImageRecipe.parse({ name: 'x', system: 'debian-12', ...more }));
}

describe('systems', () => {
  test.each([
    ['debian-12', 'bookworm'],
    ['debian12', 'bookworm'],
    ['Debian-13', 'trixie'],
    ['bullseye', 'bullseye'],
    ['sid', 'sid'],
  ])('%s is %s', (system, name) => {
    expect(suiteOf(system).name).toBe(name);
  });

  test.each(['', 'debian-', 'ubuntu-22.04', 'debian-99', 'toString'])('%j is none', (system) => {
    expect(() => suiteOf(system)).toThrow('debian-12 (bookworm)');
  });

  test('architectures are those that run here', () => {
    expect(['x86_64', 'amd64', 'i686', 'i386'].map(debianArchitecture)).toEqual(['amd64', 'amd64', 'i386', 'i386']);
    expect(() => debianArchitecture('aarch64')).toThrow('x86_64 or i686');
    expect(() => debianArchitecture('constructor')).toThrow('x86_64 or i686');
  });
});

test('the table of interpreters names suites that there are', () => {
  const known = SUITES.map(({ name }) => name);
  for (const [name, { suites, extra = {}, program }] of Object.entries(INTERPRETERS)) {
    expect(known, name).toEqual(expect.arrayContaining([...suites, ...Object.keys(extra)]));
    expect(suites.length, name).toBeGreaterThan(0);
    expect(program, name).toMatch(/^\/usr\/bin\//);
  }
});

describe('a plan', () => {
  test('takes an interpreter from the base where that has it', () => {
    const { base, others, interpreters } = plan({ interpreters: ['3.11'], packages: ['zlib1g-dev'] });
    expect(others).toEqual([]);
    expect(interpreters).toMatchObject([{ name: '3.11', tree: null, path: '/usr/bin/python3.11' }]);
    expect(base.packages).toEqual(expect.arrayContaining(['openssh-server', 'gcc', 'python3.11-dev', 'python3-pytest', 'sudo', 'zlib1g-dev']));
  });

  test('adds a system for each suite and width that it needs, once', () => {
    const { base, others, interpreters } = plan({ interpreters: ['2.7', '3.9', '3.13', '3.11-32', 'pypy3.11', ' 3.11 ', '3.11'] });
    expect(others.map(({ folder, architecture }) => [folder, architecture])).toEqual([
      ['bullseye', 'amd64'],
      ['trixie', 'amd64'],
      ['bookworm-i386', 'i386'],
    ]);
    expect(interpreters.map(({ name, tree, path }) => [name, tree, path])).toEqual([
      ['2.7', 'bullseye', '/opt/python/2.7/bin/python2.7'],
      ['3.9', 'bullseye', '/opt/python/3.9/bin/python3.9'],
      ['3.13', 'trixie', '/opt/python/3.13/bin/python3.13'],
      ['3.11-32', 'bookworm-i386', '/opt/python/3.11-32/bin/python3.11'],
      ['pypy3.11', 'trixie', '/opt/python/pypy3.11/bin/pypy3'],
      ['3.11', null, '/usr/bin/python3.11'],
    ]);
    expect(others[0]?.packages).toEqual(expect.arrayContaining(['python2.7', 'python3.9-venv', 'virtualenv', 'gcc']));
    expect(others[0]?.packages).not.toContain('python3.13');
    expect(base.packages).not.toContain('python2.7');
  });

  test('of a 32-bit system has its own interpreters of 32 bits, however they are called', () => {
    const { base, others, interpreters } = plan({ architecture: 'i686', interpreters: ['3.11', '3.13'] });
    expect(base.architecture).toBe('i386');
    expect(others.map(({ folder }) => folder)).toEqual(['trixie-i386']);
    expect(interpreters.map(({ tree }) => tree)).toEqual([null, 'trixie-i386']);
  });

  test('takes pypy3-venv only where it is a package', () => {
    const { others } = plan({ interpreters: ['pypy3.7', 'pypy3.11'] });
    expect(others.map(({ folder, packages }) => [folder, packages.includes('pypy3-venv')])).toEqual([
      ['bullseye', false],
      ['trixie', true],
    ]);
  });

  test.each(['3.8', '3.12', 'ruby', '', '-32', 'toString', '3.11-64'])('refuses the interpreter %j', (name) => {
    expect(() => plan({ interpreters: [name || ' '] })).toThrow('Debian has no interpreter');
  });

  test('refuses a 32-bit name on a 32-bit system', () => {
    expect(() => plan({ architecture: 'i686', interpreters: ['3.11-32'] })).toThrow('without the -32');
  });
});
