import type { Found } from './found.ts';

/** What one file says of a project, or all of them together. Names of extras and groups are plain, see `plainName`. */
export interface Reading {
  /** Why it is something that pip can install; empty where nothing says so. */
  readonly distribution: readonly Found<string>[];
  /** PEP 440 specifiers, alternatives of one another: `>=3.8`. What counts most is first. */
  readonly requiresPython: readonly Found<readonly string[]>[];
  readonly classifiers: readonly Found<string>[];
  readonly dependencies: readonly Found<readonly string[]>[];
  /** PEP 517: what must be there to build it, and what builds it. */
  readonly buildRequires: Found<readonly string[]> | null;
  readonly buildBackend: Found<string> | null;
  /** As pip is told them, by plain name. */
  readonly extras: ReadonlyMap<string, Found<Extra>>;
  /** Lists of requirements that are no part of what is installed: PEP 735 groups, and what other tools call so. */
  readonly groups: ReadonlyMap<string, Found<readonly string[]>>;
  readonly testsRequire: Found<readonly string[]> | null;
  readonly testSuite: Found<string> | null;
  /** A command `test` of the project's own in setup.py. */
  readonly testCommand: Found<string> | null;
  /** Packages, where they are listed. */
  readonly packages: readonly string[];
  /** Why a compiler is needed. */
  readonly native: readonly Found<string>[];
  /** Whether its version comes from the history of the repository, and by what. */
  readonly versionFromHistory: Found<string> | null;
  /** What could not be read, in words. */
  readonly notes: readonly Found<string>[];
  /** What was too much to be read, in sentences without a stop. */
  readonly warnings: readonly Found<string>[];
}

/** An extra: its name as it is written, and what it brings. */
export interface Extra {
  readonly name: string;
  readonly requirements: readonly string[];
}

/** A file that says nothing. */
export const NOTHING: Reading = {
  distribution: [],
  requiresPython: [],
  classifiers: [],
  dependencies: [],
  buildRequires: null,
  buildBackend: null,
  extras: new Map(),
  groups: new Map(),
  testsRequire: null,
  testSuite: null,
  testCommand: null,
  packages: [],
  native: [],
  versionFromHistory: null,
  notes: [],
  warnings: [],
};

/** Several files of one project as one; what an earlier one says counts more. */
export function joinReadings(readings: readonly Reading[]): Reading {
  const first = <T>(pick: (reading: Reading) => T | null): T | null => readings.map(pick).find((value) => value !== null) ?? null;
  const all = <T>(pick: (reading: Reading) => readonly T[]): T[] => readings.flatMap(pick);
  const byName = <T>(pick: (reading: Reading) => ReadonlyMap<string, T>): Map<string, T> =>
    new Map(readings.toReversed().flatMap((reading) => [...pick(reading)]));
  return {
    distribution: all(({ distribution }) => distribution),
    requiresPython: all(({ requiresPython }) => requiresPython),
    classifiers: all(({ classifiers }) => classifiers),
    dependencies: all(({ dependencies }) => dependencies),
    buildRequires: first(({ buildRequires }) => buildRequires),
    buildBackend: first(({ buildBackend }) => buildBackend),
    extras: byName(({ extras }) => extras),
    groups: byName(({ groups }) => groups),
    testsRequire: first(({ testsRequire }) => testsRequire),
    testSuite: first(({ testSuite }) => testSuite),
    testCommand: first(({ testCommand }) => testCommand),
    packages: all(({ packages }) => packages),
    native: all(({ native }) => native),
    versionFromHistory: first(({ versionFromHistory }) => versionFromHistory),
    notes: all(({ notes }) => notes),
    warnings: all(({ warnings }) => warnings),
  };
}

/** Tools that take the version from tags. */
const HISTORIANS = new Set([
  'setuptools-scm',
  'setuptools-git-versioning',
  'hatch-vcs',
  'pbr',
  'versioneer',
  'pdm-backend-scm',
  'poetry-dynamic-versioning',
  'setuptools-git',
  'dunamai',
  'vcs-versioning',
]);
/** Build requirements and backends that compile something, and what that is. */
const COMPILING: ReadonlyMap<string, string> = new Map([
  ['cython', 'Cython'],
  ['cython-setuptools', 'Cython'],
  ['numpy', 'headers of NumPy'],
  ['pybind11', 'pybind11'],
  ['cffi', 'CFFI'],
  ['meson-python', 'Meson'],
  ['mesonpy', 'Meson'],
  ['scikit-build', 'CMake'],
  ['scikit-build-core', 'CMake'],
  ['scikit-build-core-build', 'CMake'],
  ['cmake', 'CMake'],
  ['nanobind', 'nanobind'],
  ['maturin', 'Rust'],
  ['setuptools-rust', 'Rust'],
  ['milksnake', 'Rust'],
]);

/** What the requirements of a build tell besides: whether a compiler is needed, and whether the version comes from the history. */
export function ofBuild(names: readonly Found<string>[]): Pick<Reading, 'native' | 'versionFromHistory'> {
  const native = names.flatMap(({ value, where }) => {
    const what = COMPILING.get(value);
    return what === undefined ? [] : [{ value: what, where }];
  });
  return { native, versionFromHistory: names.find(({ value }) => HISTORIANS.has(value)) ?? null };
}
