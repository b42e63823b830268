const SPECIFICATION =
  /^(python|cpython|py|pypy|jython|graalpy)?[- ]?(?:(\d)(?:\.?(\d+))?(\.\d+)?)?(t?)(?:-(32|64))?(?:-(?:x86_64|x86|amd64|arm64|aarch64))?(?:\.exe)?$/i;

/**
 * A Python as tox, nox and virtualenv name it, `py39`, `python3.9`, `/usr/bin/python3.9`, `pypy-3.10`, `3.13t`, as jobs ask for it; null where it names none,
 * as `python`. `hasPython2`: whether the project speaks of a Python 2 at all: only then a plain `pypy` is one.
 */
export function interpreterOf(specification: string, hasPython2: boolean): string | null {
  const text = specification.trim().replace(/^.*\//, '');
  const match = SPECIFICATION.exec(text);
  if (match === null || text === '') return null;
  const [, kind = 'python', major, minor, micro = '', threads = '', bits] = match;
  const family = kind.toLowerCase().replace(/^(?:c?python|py)$/, '');
  const suffix = `${threads}${bits === '32' ? '-32' : ''}`;
  if (major !== undefined) return `${family}${major}${minor === undefined ? '' : `.${Number(minor)}${micro}`}${suffix}`;
  if (family === 'jython') return 'jython2.7';
  if (family === 'pypy') return hasPython2 ? 'pypy' : 'pypy3';
  return family === '' ? null : family;
}

/**
 * Up to which virtualenv environments of a Python can be made. Source: virtualenv's changelog (21.5.0 dropped 3.8, 20.27.0 3.7, 20.22.0 2.7, 3.5 and 3.6,
 * 20.5.0 3.4, 16.6.0 Jython) and its page on compatibility (15.2.0 was the last for 2.6).
 */
const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:pypy)?3\.8/, '21.5'],
  [/^(?:pypy)?3\.7/, '20.27'],
  [/^(?:pypy)?(?:2(?:\.7)?|3\.[56])(?:\D|$)|^pypy$/, '20.22'],
  [/^3\.4/, '20.5'],
  [/^jython/, '16.6'],
  [/^(?:2\.[3-6]|3\.[0-3])(?:\D|$)/, '16'],
];

/** The virtualenv below which environments of an interpreter, as jobs ask for it, can still be made; null where any can. */
export function virtualenvBelow(interpreter: string | null): string | null {
  return LIMITS.find(([pattern]) => interpreter !== null && pattern.test(interpreter))?.[1] ?? null;
}
