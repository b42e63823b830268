import { expect, test } from 'vitest';
import { agentInterpreter } from './unpacked-interpreter.ts';

test.each([
  ['acme-3.8', '3.8.20', '3.8'],
  ['acme-3.8@main', '3.9.1', '3.9'],
  [`acme-3.13t@${'a'.repeat(40)}`, '3.13.5', '3.13t'],
  ['3.13t', '3.13.5', '3.13t'],
  ['3.13t@python-3.13.5', '3.13.5', '3.13t'],
  ['3.12', '3.12.4', '3.12'],
  ['pypy3.10', '3.10.14', 'pypy3.10'],
])('one called %s of version %s is %s to the agent', (name, version, plain) => {
  const interpreter = { name, implementation: 'cpython', version, path: 'bin/python', archive: 'ab'.repeat(32) };
  expect(agentInterpreter(interpreter, '/work', 'posix')).toEqual({ name: plain, path: '/work/interpreter/bin/python' });
});

test('one that the image carries is as it says', () => {
  expect(agentInterpreter({ name: '3.13t', implementation: 'cpython', version: '3.13.5', path: '/usr/bin/python3.13t' }, '/work', 'posix')).toEqual({
    name: '3.13t',
    path: '/usr/bin/python3.13t',
  });
});
