import { describe, expect, it } from 'vitest';
import { envNames, NamesError } from './names.ts';

describe('names of environments', () => {
  it.each([
    ['py27,py36', ['py27', 'py36']],
    ['py{27,36}-{a,b}', ['py27-a', 'py27-b', 'py36-a', 'py36-b']],
    ['py{27, 36}', ['py27', 'py36']],
    ['{py27,py36}-django{111,22}, lint', ['py27-django111', 'py27-django22', 'py36-django111', 'py36-django22', 'lint']],
    ['py27{,-old}', ['py27', 'py27-old']],
    ['\npy27\n  py36 ,\n\n,lint', ['py27', 'py36', 'lint']],
    ['3.12, pypy-3.10', ['3.12', 'pypy-3.10']],
    ['', []],
  ])('%j are the same for both generations', (text, expected) => {
    expect(envNames(text, 4)).toEqual(expected);
    expect(envNames(text, 3)).toEqual(expected);
  });

  it.each([
    ['py3{8-10}', ['py38', 'py39', 'py310']],
    ['py3{10-8,12}', ['py310', 'py39', 'py38', 'py312']],
    ['py{27,39-41}', ['py27', 'py39', 'py40', 'py41']],
    ['py3{13-}', ['py313', 'py314']],
    ['py3{-11}', ['py310', 'py311']],
  ])('%j is a range', (text, expected) => {
    expect(envNames(text, 4)).toEqual(expected);
    expect(envNames(text, 3)).not.toEqual(expected);
  });

  it('of the third generation may be followed by a comment, and may hold spaces', () => {
    expect(envNames('py27 # old\npy 36', 3)).toEqual(['py27', 'py36']);
  });

  it.each(['py27 py36', '{a', 'a b{1,2}', 'py27;py36'])('%j is refused by the fourth', (text) => {
    expect(() => envNames(text, 4)).toThrow(NamesError);
  });

  it.each(['{a,b}'.repeat(40), 'py{1-99999999999}', `py{1-${'9'.repeat(400)}}`])('%j, which stands for too many, is refused at once', (text) => {
    expect(() => envNames(text, 4)).toThrow(/cannot be meant/);
  });
});
