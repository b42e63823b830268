import { isAlive, isReleased, type KnownPython, PYTHONS } from '#plugins/api';
import type { Found } from '../read/found.ts';
import type { Reading } from '../read/reading.ts';
import { allowedBy, byVersion, isAllowed, isNamed, isRange } from './ranges.ts';

/** A Python that a job is to run on. */
export interface Wanted {
  /** As a job asks for it: `3.9`, `pypy3.11`, or `3` for the newest of those that there are. */
  readonly name: string;
  /** `2.7`, as it is needed to choose tools; of `3` the newest. */
  readonly language: string;
  readonly implementation: KnownPython['implementation'];
}

/** Which Pythons, and why, in words. */
export interface PythonChoice {
  readonly pythons: readonly Wanted[];
  readonly reasons: readonly string[];
  /** Whether nothing said which, so that it is a guess. */
  readonly isGuess: boolean;
}

const CPYTHONS = PYTHONS.filter(({ implementation }) => implementation === 'cpython');
const MINOR = /^Programming Language :: Python :: (\d\.\d{1,2})$/;
const MAJOR = /^Programming Language :: Python :: (\d)(?: :: Only)?$/;
/** What says which Pythons a project is for. */
interface PythonEvidence {
  readonly reading: Reading;
  /** Those of tox's environments, `2.7`. */
  readonly tox: readonly Found<string>[];
  /** The text of a `.python-version`. */
  readonly pinned: Found<string> | null;
}

/**
 * Which Pythons a project is for on `day`, as `2019-05-01`. Classifiers name them, or else tox's environments; the required range takes away from these. A language of which classifiers name
 * no version, beside versions of another, stands for its newest. A range alone stands for those that it allows and that are not past their end of life, and for the oldest one that it allows
 * by name, which it promises. Without either it is the newest of each language that was alive then.
 */
export function choosePythons({ reading, tox, pinned }: PythonEvidence, day: string): PythonChoice {
  const range = reading.requiresPython.find(({ value }) => value.length > 0 && value.every(isRange)) ?? null;
  const classified = matching(reading.classifiers, MINOR);
  const minors = classified.length > 0 ? classified : tox;
  const by = classified.length > 0 ? 'classifiers' : "tox's environments";
  const allows = range === null ? (): boolean => true : allowedBy(range.value);
  const named = minors.filter(({ value }) => allows(value));
  const known = named.filter(({ value }) => byVersion(value, '2.4') >= 0);
  const broken = reading.requiresPython.filter(({ value }) => !value.every(isRange));
  const unread = broken.map(
    ({ value, where }) => `"${value.join(' || ')}" (${where}) is no range of versions that PEP 440 knows, and does not count.`,
  );
  const languages = classified.length > 0 ? bareLanguages(reading, range) : [];
  const choice =
    known.length > 0 ? byName(known, { minors, by, range, languages }) : range === null ? byGuess(reading, pinned, day) : byRange(range, day);
  return withVariants(reading, { ...choice, reasons: [...unread, ...choice.reasons] }, range, day);
}

/** A language that classifiers name without naming a version of it: `3` where there are only `2.7` and `3`. */
interface BareLanguage extends Found<string> {
  /** The Python that stands for it: the newest that the range allows, and `3` where that is the newest of all. Null: the range allows none. */
  readonly newest: string | null;
}

function bareLanguages({ classifiers }: Reading, range: Found<readonly string[]> | null): BareLanguage[] {
  const versioned = new Set(matching(classifiers, MINOR).map(({ value }) => value.slice(0, 1)));
  const bare = matching(classifiers, MAJOR).filter(({ value }) => !versioned.has(value));
  const newest = new Map([...new Set(bare.map(({ value }) => value))].map((value) => [value, newestOf(value, range)]));
  return bare.map(({ value, where }) => ({ value, where, newest: newest.get(value) ?? null }));
}

function newestOf(language: string, range: Found<readonly string[]> | null): string | null {
  const ofLanguage = CPYTHONS.filter((python) => python.language.startsWith(`${language}.`));
  const newest = ofLanguage.findLast((python) => range === null || isAllowed(python.language, range.value));
  return newest === CPYTHONS.at(-1) ? language : (newest?.language ?? null);
}

/** What `byName` goes by, besides the versions that are named and fit. */
interface Naming {
  /** All versions that are named, those that do not fit among them. */
  readonly minors: readonly Found<string>[];
  readonly by: string;
  readonly range: Found<readonly string[]> | null;
  readonly languages: readonly BareLanguage[];
}

function byName(named: readonly Found<string>[], { minors, by, range, languages }: Naming): PythonChoice {
  const fit = languages.filter(({ newest }) => newest !== null);
  const names = unique([...named.map(({ value }) => value), ...fit.flatMap(({ newest }) => newest ?? [])]).toSorted(byVersion);
  const left = unique([...minors, ...languages.filter((language) => !fit.includes(language))].map(({ value }) => value));
  const without = left.filter((name) => !names.includes(name)).join(', ');
  const because = range === null ? 'is older than any that is known' : `${shown(range)} does not allow`;
  const bare = unique(fit.map(({ value }) => value)).join(' and ');
  return {
    pythons: names.map(cpython),
    reasons: [
      `Pythons ${names.join(', ')}: named by ${by} (${places([...named, ...fit])})` +
        `${bare === '' ? '' : `; of Python ${bare} the newest, as they name no version of it`}${without === '' ? '' : `; without ${without}, which ${because}`}.`,
    ],
    isGuess: false,
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function byRange(range: Found<readonly string[]>, day: string): PythonChoice {
  const allowed = CPYTHONS.filter((python) => isReleased(python, day) && isAllowed(python.language, range.value));
  const alive = allowed.filter((python) => isAlive(python, day));
  const oldest = allowed.find(({ language }) => isNamed(language, range.value));
  const newest = alive.length === 0 ? allowed.slice(-1) : alive;
  const names = [...new Set([...(oldest === undefined ? [] : [oldest]), ...newest].map(({ language }) => language))].toSorted(byVersion);
  if (names.length === 0)
    return { pythons: [cpython('3')], reasons: [`No Python that is known fits ${shown(range)}: the newest Python 3 is taken.`], isGuess: true };
  const left = allowed.map(({ language }) => language).filter((language) => !names.includes(language));
  const without = left.length === 0 ? '' : ` Allowed, but past their end of life: ${left.join(', ')}.`;
  return {
    pythons: names.map(cpython),
    reasons: [`Pythons ${names.join(', ')}: what ${shown(range)} allows; the oldest, and those that are not past their end of life.${without}`],
    isGuess: false,
  };
}

/** Nothing names a version: what the project's own `.python-version` says, or what languages its classifiers name, or what was current. */
function byGuess(reading: Reading, pinned: Found<string> | null, day: string): PythonChoice {
  const [, version] = /^(?:cpython-?|python-?)?(\d+\.\d+)/.exec(pinned?.value.trim() ?? '') ?? [];
  if (pinned !== null && version !== undefined)
    return { pythons: [cpython(version)], reasons: [`Python ${version}: ${pinned.where}.`], isGuess: false };
  const majors = matching(reading.classifiers, MAJOR);
  const named = new Set(majors.map(({ value }) => value));
  const alive = new Set(CPYTHONS.filter((python) => isAlive(python, day)).map(({ language }) => language.slice(0, 1)));
  const languages = (named.size > 0 ? [...named] : [...alive]).filter((language) => language === '2' || language === '3').toSorted();
  const pythons = languages.map((language) => (language === '2' ? cpython('2.7') : cpython('3')));
  const because =
    named.size > 0
      ? `classifiers name the language only (${places(majors)})`
      : 'nothing says which ones it is for: no classifiers, no requires-python';
  const names = pythons.map(({ name }) => (name === '3' ? 'the newest Python 3' : `Python ${name}`)).join(' and ');
  return { pythons, reasons: [`Pythons: ${names}, since ${because}.`], isGuess: true };
}

/** Besides CPython, where classifiers name others: the newest PyPy for each language, Jython, the builds without the global lock. */
function withVariants(reading: Reading, choice: PythonChoice, range: Found<readonly string[]> | null, day: string): PythonChoice {
  const languages = choice.pythons.map(({ language }) => language);
  const isOpen = choice.isGuess || (range !== null && reading.classifiers.every(({ value }) => !MINOR.test(value)));
  // A plain `3` stands for every Python 3 that the range allows.
  const isMeant = (language: string): boolean => isOpen || choice.pythons.some(({ name }) => name === '3' && language.startsWith('3.'));
  const fits = ({ language }: KnownPython): boolean =>
    languages.includes(language) || (isMeant(language) && (range === null || isAllowed(language, range.value)));
  const added = VARIANTS.flatMap(({ pattern, implementation }) => {
    const because = reading.classifiers.filter(({ value }) => pattern.test(value));
    if (because.length === 0) return [];
    const known = PYTHONS.filter((one) => one.implementation === implementation && isReleased(one, day) && fits(one));
    const chosen = ['2', '3']
      .filter((major) => languages.some((language) => language.startsWith(major)))
      .flatMap((major) => known.filter(({ language }) => language.startsWith(major)).slice(-1));
    const names = chosen.map(({ name }) => name).join(', ');
    return [
      {
        chosen,
        reason:
          names === ''
            ? `No ${implementation} that is known fits, though a classifier names it (${places(because)}).`
            : `Besides ${names}: named by a classifier (${places(because)}).`,
      },
    ];
  });
  return {
    ...choice,
    pythons: [...choice.pythons, ...added.flatMap(({ chosen }) => chosen)],
    reasons: [...choice.reasons, ...added.map(({ reason }) => reason)],
  };
}

const VARIANTS = [
  { pattern: /^Programming Language :: Python :: Free Threading/, implementation: 'cpython-free-threaded' },
  { pattern: /^Programming Language :: Python :: Implementation :: PyPy$/, implementation: 'pypy' },
  { pattern: /^Programming Language :: Python :: Implementation :: Jython$/, implementation: 'jython' },
] as const;

/** `3`: whatever Python 3 is the newest where the job runs. */
function cpython(name: string): Wanted {
  const newest = CPYTHONS.at(-1)?.language ?? name;
  return { name, language: name === '3' ? newest : name, implementation: 'cpython' };
}

function matching(classifiers: readonly Found<string>[], pattern: RegExp): Found<string>[] {
  return classifiers.flatMap(({ value, where }) => {
    const [, found] = pattern.exec(value) ?? [];
    return found === undefined ? [] : [{ value: found, where }];
  });
}

function places(found: readonly Found<unknown>[]): string {
  return [...new Set(found.map(({ where }) => where))].slice(0, 3).join('; ');
}

function shown({ value, where }: Found<readonly string[]>): string {
  return `${value.join(' || ')} (${where})`;
}
