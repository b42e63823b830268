import { expect, it } from 'vitest';
import { pythonOfToxEnv } from './tox-env.ts';

it.each([
  ['py27', '2.7'],
  ['py310-django', '3.10'],
  ['lint,py3.9', '3.9'],
  ['{py34,py35}-x', '3.4'],
  ['docs py26', '2.6'],
  ['pypy', 'pypy2.7'],
  ['pypy-cover', 'pypy2.7'],
  ['pypy2', 'pypy2.7'],
  ['pypy3', 'pypy3'],
  ['pypy310', 'pypy3.10'],
  ['py', null],
  ['py3', null],
  ['py3pep8', null],
  ['py,py36', '3.6'],
  ['happy27', null],
  ['', null],
])('%s names %s', (environments, python) => {
  expect(pythonOfToxEnv(environments)).toBe(python);
});
