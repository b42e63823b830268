/** What a Python is an implementation of the language by. `cpython-free-threaded` is CPython built without its global lock (PEP 703). */
export type PythonImplementation = 'cpython' | 'cpython-free-threaded' | 'pypy' | 'jython';

/** What is known of one Python. */
export interface KnownPython {
  /** As people ask for it: `2.7`, `3.13t`, `pypy3.9`, `jython2.7`. */
  readonly name: string;
  readonly implementation: PythonImplementation;
  /** The version of the language, `3.9`. */
  readonly language: string;
  /** The day of its first release, or the one planned, as `2014-03-16`. */
  readonly released: string;
  /** The last day on which somebody mends it, or the one planned; null: nobody has named any. */
  readonly endOfLife: string | null;
  /** Whether sources name these days. PyPy and Jython end nothing in words: theirs are the days of the first release that went without it. */
  readonly certain: boolean;
}

/** The day on which the catalogue was last compared with its sources. */
export const CATALOGUE_DAY = '2026-11-28';

/**
 * CPython's days. From 2.6 on: the Python developer's guide, "Status of Python versions", and its release-cycle.json; a month without a day there is its last day here. 2.4 and 2.5: PEP 320
 * and PEP 356 for the beginning; nobody declared an end, it is taken to be the last source release, so those are uncertain.
 */
const CPYTHON: readonly (readonly [language: string, released: string, endOfLife: string, certain?: boolean])[] = [
  ['2.4', '2004-11-30', '2008-12-19', false],
  ['2.5', '2006-09-19', '2011-05-26', false],
  ['2.6', '2008-10-01', '2013-10-29'],
  ['2.7', '2010-07-03', '2020-01-01'],
  ['3.0', '2008-12-03', '2009-06-27'],
  ['3.1', '2009-06-27', '2012-04-09'],
  ['3.2', '2011-02-20', '2016-02-20'],
  ['3.3', '2012-09-29', '2017-09-29'],
  ['3.4', '2014-03-16', '2019-03-18'],
  ['3.5', '2015-09-13', '2020-09-30'],
  ['3.6', '2016-12-23', '2021-12-23'],
  ['3.7', '2018-06-27', '2023-06-27'],
  ['3.8', '2019-10-14', '2024-10-07'],
  ['3.9', '2020-10-05', '2025-10-31'],
  ['3.10', '2021-10-04', '2026-10-31'],
  ['3.11', '2022-10-24', '2027-10-31'],
  ['3.12', '2023-10-02', '2028-10-31'],
  ['3.13', '2024-10-07', '2029-10-31'],
  ['3.14', '2025-10-07', '2030-10-31'],
  ['3.15', '2026-10-01', '2031-10-31'],
];

/** The first with a build without the global lock: an experiment (PEP 703), supported from 3.14 on (PEP 779). */
const FREE_THREADED = new Set(['3.13', '3.14', '3.15']);

/**
 * PyPy's and Jython's: days of their release announcements; where only the month is known, its first day. PyPy says that it has no timelines; of 2.7, which it is written in itself, it
 * says that it stays.
 */
const OTHERS: readonly (readonly [name: string, language: string, released: string, endOfLife: string | null])[] = [
  ['pypy2.7', '2.7', '2011-04-29', null],
  ['pypy3.2', '3.2', '2013-07-30', '2016-10-01'],
  ['pypy3.3', '3.3', '2016-10-01', '2017-03-21'],
  ['pypy3.5', '3.5', '2017-03-21', '2019-10-14'],
  ['pypy3.6', '3.6', '2019-02-11', '2021-04-01'],
  ['pypy3.7', '3.7', '2020-11-21', '2022-12-29'],
  ['pypy3.8', '3.8', '2021-10-21', '2023-06-16'],
  ['pypy3.9', '3.9', '2022-02-20', '2025-02-06'],
  ['pypy3.10', '3.10', '2023-06-16', '2025-07-04'],
  ['pypy3.11', '3.11', '2025-02-06', null],
  ['jython2.5', '2.5', '2009-06-16', '2015-05-01'],
  ['jython2.7', '2.7', '2015-05-01', null],
];

/** Every Python that is known, of each implementation the oldest first. */
export const PYTHONS: readonly KnownPython[] = [
  ...CPYTHON.map(([language, released, endOfLife, certain = true]) => cpython(language, 'cpython', { released, endOfLife, certain })),
  ...CPYTHON.filter(([language]) => FREE_THREADED.has(language)).map(([language, released, endOfLife]) =>
    cpython(language, 'cpython-free-threaded', { released, endOfLife, certain: true }),
  ),
  ...OTHERS.map(([name, language, released, endOfLife]) => ({ name, implementation: other(name), language, released, endOfLife, certain: false })),
];

/** The one of that name; undefined for what is not in the catalogue. */
export function knownPython(name: string): KnownPython | undefined {
  return PYTHONS.find((python) => python.name === name);
}

/** Whether it had been released by the end of `day`, as `2014-03-16`. */
export function isReleased({ released }: KnownPython, day: string): boolean {
  return released <= day;
}

/** Whether it was there on `day` and somebody still mended it. */
export function isAlive(python: KnownPython, day: string): boolean {
  return isReleased(python, day) && (python.endOfLife === null || python.endOfLife >= day);
}

function cpython(
  language: string,
  implementation: 'cpython' | 'cpython-free-threaded',
  days: Pick<KnownPython, 'released' | 'endOfLife' | 'certain'>,
): KnownPython {
  return { name: implementation === 'cpython' ? language : `${language}t`, implementation, language, ...days };
}

function other(name: string): PythonImplementation {
  return name.startsWith('pypy') ? 'pypy' : 'jython';
}
