/** A factor that may say a Python, between what separates factors and environments. */
const FACTOR = /(?:^|[-,{\s])(py|pypy)(?:([23])\.?(1?\d)?)?(?=$|[-,}\s])/g;

/**
 * The Python that a list of tox environments names, as jobs ask for it: `2.7` of `py27-django,docs`, `3.10` of `lint,py310`; of several the first. A plain `pypy` is the one for Python 2, as
 * it was when such lists were written. Null: no factor names one; `py` and `py3` are whatever there is. Source: tox.wiki, on the factors of generated environments.
 */
export function pythonOfToxEnv(environments: string): string | null {
  for (const [, family, major, minor] of environments.matchAll(FACTOR)) {
    if (family === 'pypy' && major !== '3') return 'pypy2.7';
    if (family === 'pypy') return minor === undefined ? 'pypy3' : `pypy3.${minor}`;
    if (minor !== undefined) return `${major}.${minor}`;
  }
  return null;
}
