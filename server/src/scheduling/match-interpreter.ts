import type { Interpreter } from '#plugins/api';
import type { InterpreterMatch } from './plan-types.ts';

/**
 * Which interpreter is meant by what people write, in upper or lower case; null where none is. In this order:
 * - a name: `3.6`, `pypy3.9`, `3.13t`, `nightly`; also with `python` or `cpython` before it;
 * - a full version, `3.6.15`;
 * - a family without minor version: `3` is the newest 3.x, `pypy3` the newest pypy3.x, `pypy` is PyPy for Python 2;
 * - a release of something that is there in another one, `3.6.1` or `pypy3.9-7.3.8`: that other one, with a note.
 *
 * `nightly` and `3.14-dev` mean nothing else than an interpreter of that name: what a released one does says nothing about them.
 */
export function matchInterpreter(wanted: string, interpreters: readonly Interpreter[]): InterpreterMatch | null {
  const name = wanted
    .trim()
    .toLowerCase()
    .replace(/^c?python-?(?=\d)/, '');
  const exact = newest(interpreters.filter((one) => one.name === name)) ?? newest(interpreters.filter((one) => isRelease(one, name)));
  const found = exact ?? newestOfFamily(name, interpreters);
  if (found !== null) return { interpreter: found, note: null };
  const near = newest(interpreters.filter((one) => one.name === withoutRelease(name)));
  return near === null
    ? null
    : { interpreter: near, note: `${wanted.trim()} was asked for; ${near.name} is there as ${near.version}, and that is used` };
}

/** Plain versions are CPython's: PyPy has the version 3.9.18 too. */
function isRelease(interpreter: Interpreter, version: string): boolean {
  return interpreter.version.toLowerCase() === version && /^\d/.test(interpreter.name);
}

function newestOfFamily(name: string, interpreters: readonly Interpreter[]): Interpreter | null {
  if (!/^[a-z]*\d*$/.test(name) || name === '') return null;
  const family = name === 'pypy' ? 'pypy2' : name;
  return newest(interpreters.filter((one) => one.name.startsWith(`${family}.`) && /^\d+$/.test(one.name.slice(family.length + 1))));
}

/** `3.6` for `3.6.1`, `3.13t` for `3.13.1t`, `pypy3.9` for `pypy3.9-7.3.8`; null for anything else. */
function withoutRelease(name: string): string | null {
  const parts = /^([a-z]*\d+\.\d+)[.-]\d+(?:\.\d+)*(t?)$/.exec(name);
  return parts === null ? null : `${parts[1]}${parts[2]}`;
}

function newest(interpreters: readonly Interpreter[]): Interpreter | null {
  return interpreters.reduce<Interpreter | null>((best, one) => (best === null || compareVersions(one, best) > 0 ? one : best), null);
}

/** By the numbers in the name (the Python that it is), then by those in the version. */
function compareVersions(a: Interpreter, b: Interpreter): number {
  return compareNumbers(numbersOf(a.name), numbersOf(b.name)) || compareNumbers(numbersOf(a.version), numbersOf(b.version));
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
