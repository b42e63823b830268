import { describe, expect, it } from 'vitest';
import type { Interpreter } from '#plugins/api';
import { matchInterpreter } from './match-interpreter.ts';

function interpreter(name: string, version: string): Interpreter {
  return { name, implementation: name.startsWith('pypy') ? 'pypy' : 'cpython', version, path: `/opt/${name}/bin/python` };
}

const HERE = [
  interpreter('2.7', '2.7.18'),
  interpreter('3.6', '3.6.15'),
  interpreter('3.10', '3.10.14'),
  interpreter('3.9', '3.9.19'),
  interpreter('3.13t', '3.13.1'),
  interpreter('pypy2.7', '2.7.18'),
  interpreter('pypy3.9', '3.9.18'),
  interpreter('pypy3.10', '3.10.13'),
];

describe('matchInterpreter', () => {
  it.each([
    ['3.6', '3.6'],
    ['3.10', '3.10'],
    ['3', '3.10'],
    ['2', '2.7'],
    ['python3', '3.10'],
    ['Python3.9', '3.9'],
    ['cpython-3.9', '3.9'],
    ['3.13T', '3.13t'],
    ['3.6.15', '3.6'],
    ['2.7.18', '2.7'],
    ['pypy', 'pypy2.7'],
    ['pypy2', 'pypy2.7'],
    ['PyPy3', 'pypy3.10'],
    ['pypy3.9', 'pypy3.9'],
  ])('%s means %s', (wanted, name) => {
    expect(matchInterpreter(wanted, HERE)).toEqual({ interpreter: HERE.find((one) => one.name === name), note: null });
  });

  it.each([
    ['3.6.1', '3.6', '3.6.15'],
    ['pypy3.9-7.3.8', 'pypy3.9', '3.9.18'],
    ['3.13.0t', '3.13t', '3.13.1'],
  ])('%s gets %s, and is told so', (wanted, name, version) => {
    const match = matchInterpreter(wanted, HERE);
    expect(match?.interpreter.name).toBe(name);
    expect(match?.note).toBe(`${wanted} was asked for; ${name} is there as ${version}, and that is used`);
  });

  it.each(['3.1', '3.13', '3.11', '3.9-dev', '3.14-dev', 'nightly', 'jython', '', '.', '4', 'pypy4', '3.6.1rc1', '36'])(
    '%j is not here',
    (wanted) => {
      expect(matchInterpreter(wanted, HERE)).toBeNull();
    },
  );

  it('gives nightly and -dev where they are offered', () => {
    const more = [...HERE, interpreter('nightly', '3.15.0a2'), interpreter('3.14-dev', '3.14.0rc1')];
    expect(matchInterpreter('nightly', more)?.interpreter.version).toBe('3.15.0a2');
    expect(matchInterpreter('3.14-dev', more)?.interpreter.version).toBe('3.14.0rc1');
    expect(matchInterpreter('3', more)?.interpreter.name).toBe('3.10');
  });

  it('takes the newest of two with one name', () => {
    const two = [interpreter('3.6', '3.6.9'), interpreter('3.6', '3.6.15')];
    expect(matchInterpreter('3.6', two)?.interpreter.version).toBe('3.6.15');
  });
});
