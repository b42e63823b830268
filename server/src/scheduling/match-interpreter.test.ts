import { describe, expect, it } from 'vitest';
import type { Interpreter } from '#plugins/api';
import { matchInterpreter as matchIn, type Pythons } from './match-interpreter.ts';
import type { InterpreterMatch } from './plan-types.ts';

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
  interpreter('jython2.7', '2.7.3'),
];

function matchInterpreter(wanted: string, interpreters: readonly Interpreter[]): InterpreterMatch | null {
  return matchIn(wanted, [image('x86_64', interpreters)]);
}

function image(architecture: string, interpreters: readonly Interpreter[]): Pythons {
  return { architecture, interpreters: [...interpreters] };
}

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
    ['jython', 'jython2.7'],
    ['Jython2.7', 'jython2.7'],
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

  it.each(['3.1', '3.13', '3.11', '3.9-dev', '3.14-dev', 'nightly', 'jython3', '', '.', '4', 'pypy4', '3.6.1rc1', '36'])(
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

  it('takes no revision or branch for a version', () => {
    const built = ['3.12', '3.12@main', '3.12@999999999999', '3.12@experiment'].map((name) => interpreter(name, '3.12.4'));
    expect(matchInterpreter('3.12.4', built)?.interpreter.name).toBe('3.12');
    expect(matchInterpreter('3.12.4', built.slice(1))).toBeNull();
    expect(matchInterpreter('3.12@experiment', built)?.interpreter.name).toBe('3.12@experiment');
  });

  it('takes the newest of two with one name', () => {
    const two = [interpreter('3.6', '3.6.9'), interpreter('3.6', '3.6.15')];
    expect(matchInterpreter('3.6', two)?.interpreter.version).toBe('3.6.15');
  });
});

describe('a 32-bit interpreter', () => {
  const both = image('x86_64', [
    interpreter('3.11', '3.11.2'),
    interpreter('3.11-32', '3.11.4'),
    interpreter('3.9-32', '3.9.2'),
    interpreter('pypy3.9-32', '3.9.16'),
  ]);
  const narrow = image('i686', [interpreter('3.11', '3.11.2'), interpreter('3.13', '3.13.5')]);
  const marked = image('i686', [interpreter('3.11-32', '3.11.2')]);

  it.each([
    ['3.11', both, '3.11'],
    ['3.11-32', both, '3.11-32'],
    ['Python3.11-32', both, '3.11-32'],
    ['3', both, '3.11'],
    ['3-32', both, '3.11-32'],
    ['3.11.4-32', both, '3.11-32'],
    ['pypy3-32', both, 'pypy3.9-32'],
    ['3.11', narrow, '3.11'],
    ['3.11-32', narrow, '3.11'],
    ['3', narrow, '3.13'],
    ['3-32', narrow, '3.13'],
    ['3.11', marked, '3.11-32'],
    ['3.11-32', marked, '3.11-32'],
    ['3', marked, '3.11-32'],
  ])('%s on %o is %s', (wanted, where, name) => {
    expect(matchIn(wanted, [where])).toMatchObject({ interpreter: { name }, note: null });
  });

  it.each([
    ['3.9', both],
    ['3.9.2', both],
    ['pypy3.9', both],
    ['2.7-32', both],
    ['-32', both],
    ['3.11-32', image('x86_64', [interpreter('3.11', '3.11.2')])],
    ['3-32', image('aarch64', [interpreter('3.11', '3.11.2')])],
    ['3.11-64', both],
  ])('%s is not on %o', (wanted, where) => {
    expect(matchIn(wanted, [where])).toBeNull();
  });

  it('of another release is given with a note', () => {
    expect(matchIn('3.11.4', [both])?.note).toBe('3.11.4 was asked for; 3.11 is there as 3.11.2, and that is used');
    expect(matchIn('3.11.2-32', [both])?.note).toBe('3.11.2-32 was asked for; 3.11-32 is there as 3.11.4, and that is used');
  });
});
