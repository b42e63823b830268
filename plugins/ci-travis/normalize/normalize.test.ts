import { describe, expect, it } from 'vitest';
import { rows, said } from '../test-support.ts';

function one(text: string, key: string): unknown {
  return rows(text, [key])[0]?.[key];
}

describe('env', () => {
  it.each([
    ['A=1', [{ A: '1' }]],
    ['A=1 B="two words"', [{ A: '1', B: '"two words"' }]],
    ["A='x y' B=$HOME/bin", [{ A: "'x y'", B: '$HOME/bin' }]],
    ['{A: 1, B: true, C: 3.10}', [{ A: '1', B: 'true', C: '3.10' }]],
    ['"A=$(date +%s) x"', [{ A: '$(date +%s) x' }]],
    ['A', [{ A: '' }]],
  ])('%s', (given, expected) => {
    expect(one(`env: ${given}\n`, 'env')).toEqual(expected);
  });

  it('says which entry is no assignment', () => {
    expect(said('env:\n  - A="1\n')).toContain('error env.jobs[0]: invalid env var: A="1');
  });
});

describe('values', () => {
  it('reads numbers and booleans as Ruby does, and keeps versions', () => {
    expect(rows('language: python\npython: [3.10, 3, 010, 1_0, "2.7", yes, Yes, 1:30]\n', ['python']).map((row) => row['python'])).toEqual(
      '3.10 3 8 10 2.7 yes true 5400'.split(' '),
    );
  });

  it.each([
    ['cache: pip', 'cache', { pip: true }],
    ['cache: [pip, ~/.x]', 'cache', { pip: true, directories: ['~/.x'] }],
    ['sudo: required', 'sudo', true],
    ['git: {depth: "7", submodules: no}', 'git', { depth: 7, submodules: false }],
    ['services: [redis-server, Docker]', 'services', ['redis', 'docker']],
    ['branches: master', 'branches', { only: ['master'] }],
    ['addons: {apt: [gcc], postgres: 9.6}', 'addons', { apt: { packages: ['gcc'] }, postgresql: '9.6' }],
    ['deploy: pypi', 'deploy', [{ provider: 'pypi' }]],
    ['deploy: {provider: pypi, user: me, on: master}', 'deploy', [{ provider: 'pypi', username: 'me', on: { branch: ['master'] } }]],
    ['script: [a, [b, c]]', 'script', ['a', 'b', 'c']],
  ])('%s', (text, key, expected) => {
    expect(one(text, key)).toEqual(expected);
  });
});

describe('messages', () => {
  it.each([
    ['matrix: {}', 'info : the key matrix is an alias for jobs, using jobs'],
    ['after_succes: x', 'warning : key after_succes is not known, but after_success is, using after_success'],
    ['distro: xenial', 'warning : key distro is not known, but dist is, using dist'],
    ['before-script: x', 'info : key before-script is not underscored, using before_script'],
    ['nonsense: x', 'warning : unknown key "nonsense" (x)'],
    ['sudo: false', 'warning : deprecated key: "sudo" (The key `sudo` has no effect anymore.)'],
    ['language: Python', 'info language: using lower case of Python'],
    ['language: pyhton', 'warning language: value pyhton is not known, but python is, using python'],
    ['dist: windows95', 'error dist: dropping unknown value: windows95'],
    ['os: mac', 'info os: the value mac is an alias for osx, using osx'],
    ['dist: [xenial, bionic]', 'warning dist: unexpected sequence, using the first value (xenial)'],
    ['if: branch =', 'error if: invalid condition: branch = (expected an operand at position 8 in: "branch =")'],
    ['script: a\nscript: b', 'error : duplicate key: script'],
    ['deploy: {on: master}', 'error deploy: missing required key: provider'],
    ['notifications: {slack: "a:b"}', 'warning notifications.slack[0].rooms[0]: expected an encrypted string'],
    ['script: "é"', 'warning : characters beyond ASCII are left out, as Travis does; this is the first'],
  ])('%s', (text, message) => {
    expect(said(text).map((line) => line.replaceAll(/\[\d+\]/g, ''))).toContain(message.replaceAll(/\[\d+\]/g, ''));
  });
});
