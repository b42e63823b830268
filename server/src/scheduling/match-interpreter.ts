import type { ImageDescription, Interpreter } from '#plugins/api';
import type { InterpreterMatch } from './plan-types.ts';

/** What of an image says which interpreters it has. */
export type Pythons = Pick<ImageDescription, 'architecture' | 'interpreters'>;

/** `uname -m` of systems on which everything is 32-bit. */
const NARROW_SYSTEMS = /^(i[3-6]86|x86|arm(v[5-8]l|hf|el)?|ppc|mips(el)?)$/i;
/** What ends the name of a 32-bit interpreter where others are 64-bit: `3.11-32`. */
const NARROW = '-32';

/** An interpreter under the name by which a wish finds it. */
interface Candidate {
  /** In lower case, without `-32`. */
  readonly name: string;
  readonly interpreter: Interpreter;
}

/**
 * Which interpreter of these images is meant by what people write, in upper or lower case; null where none is. In this order:
 * - a name: `3.6`, `pypy3.9`, `3.13t`, `nightly`; also with `python` or `cpython` before it;
 * - a full version, `3.6.15`;
 * - a family without minor version: `3` is the newest 3.x, `pypy3` the newest pypy3.x, `pypy` is PyPy for Python 2, `jython` Jython;
 * - a release of something that is there in another one, `3.6.1` or `pypy3.9-7.3.8`: that other one, with a note.
 *
 * `nightly` and `3.14-dev` mean nothing else than an interpreter of that name: what a released one does says nothing about them. With `-32` after it each of
 * these means a 32-bit one: one of such a name, or any of a 32-bit system. Without, a 32-bit one is meant only where the whole system is.
 */
export function matchInterpreter(wanted: string, images: readonly Pythons[]): InterpreterMatch | null {
  const asked = wanted
    .trim()
    .toLowerCase()
    .replace(/^c?python-?(?=\d)/, '');
  const narrow = asked.endsWith(NARROW);
  const candidates = images.flatMap((image) => candidatesOf(image, narrow));
  const match = matchName(narrow ? asked.slice(0, -NARROW.length) : asked, candidates);
  if (match === null || match.exact) return match && { interpreter: match.found.interpreter, note: null };
  const { interpreter } = match.found;
  return { interpreter, note: `${wanted.trim()} was asked for; ${interpreter.name} is there as ${interpreter.version}, and that is used` };
}

/** What of an image is the same Python as `settled`, which another image may have under a name with or without `-32`. */
export function sameInterpreters(image: Pythons, settled: Interpreter): Pythons {
  const { architecture, interpreters } = image;
  return { architecture, interpreters: interpreters.filter((one) => plainName(one) === plainName(settled)) };
}

/** On a 32-bit system a name says nothing of the width: everything there is 32-bit, so both kinds of wishes find it. */
function candidatesOf({ architecture, interpreters }: Pythons, narrow: boolean): Candidate[] {
  const all = NARROW_SYSTEMS.test(architecture);
  return interpreters
    .filter((interpreter) => all || interpreter.name.endsWith(NARROW) === narrow)
    .map((interpreter) => ({ name: plainName(interpreter), interpreter }));
}

function plainName({ name }: Interpreter): string {
  return name.endsWith(NARROW) ? name.slice(0, -NARROW.length) : name;
}

function matchName(name: string, candidates: readonly Candidate[]): { found: Candidate; exact: boolean } | null {
  const named = newest(candidates.filter((one) => one.name === name));
  const exact = named ?? newest(candidates.filter((one) => isRelease(one, name))) ?? newestOfFamily(name, candidates);
  if (exact !== null) return { found: exact, exact: true };
  const near = newest(candidates.filter((one) => one.name === withoutRelease(name)));
  return near && { found: near, exact: false };
}

/** Plain versions are CPython's: PyPy has the version 3.9.18 too. A revision or branch of one that is built here is asked for by name alone. */
function isRelease({ name, interpreter }: Candidate, version: string): boolean {
  return interpreter.version.toLowerCase() === version && /^\d[^@]*$/.test(name);
}

/** Without a number they are those for Python 2: of Jython there are no others. */
const FAMILIES: Readonly<Record<string, string>> = { pypy: 'pypy2', jython: 'jython2' };

function newestOfFamily(name: string, candidates: readonly Candidate[]): Candidate | null {
  if (!/^[a-z]*\d*$/.test(name) || name === '') return null;
  const family = FAMILIES[name] ?? name;
  return newest(candidates.filter((one) => one.name.startsWith(`${family}.`) && /^\d+$/.test(one.name.slice(family.length + 1))));
}

/** `3.6` for `3.6.1`, `3.13t` for `3.13.1t`, `pypy3.9` for `pypy3.9-7.3.8`; null for anything else. */
function withoutRelease(name: string): string | null {
  const parts = /^([a-z]*\d+\.\d+)(?:\.\d+|-\d+\.\d+)(?:\.\d+)*(t?)$/.exec(name);
  return parts === null ? null : `${parts[1]}${parts[2]}`;
}

function newest(candidates: readonly Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>((best, one) => (best === null || compareVersions(one, best) > 0 ? one : best), null);
}

/** By the numbers in the name (the Python that it is), then by those in the version. */
function compareVersions(a: Candidate, b: Candidate): number {
  return compareNumbers(numbersOf(a.name), numbersOf(b.name)) || compareNumbers(numbersOf(a.interpreter.version), numbersOf(b.interpreter.version));
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
