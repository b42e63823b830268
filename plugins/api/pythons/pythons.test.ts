import { describe, expect, it } from 'vitest';
import { isAlive, isReleased, type KnownPython, knownPython, PYTHONS, requirementFor, toolsFor } from '../index.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function python(name: string): KnownPython {
  const found = knownPython(name);
  if (found === undefined) throw new Error(`There is no ${name} in the catalogue.`);
  return found;
}

describe('the catalogue of Pythons', () => {
  it('has every CPython from 2.4 to 3.15, each once', () => {
    const names = PYTHONS.filter(({ implementation }) => implementation === 'cpython').map(({ name }) => name);
    const wanted = [...[4, 5, 6, 7].map((minor) => `2.${minor}`), ...Array.from({ length: 16 }, (_, minor) => `3.${minor}`)];
    expect(names).toEqual(wanted);
    expect(new Set(PYTHONS.map(({ name }) => name)).size).toBe(PYTHONS.length);
  });

  it.each(PYTHONS)('$name begins before it ends', ({ released, endOfLife }) => {
    expect(released).toMatch(DAY);
    if (endOfLife === null) return;
    expect(endOfLife).toMatch(DAY);
    expect(released < endOfLife).toBe(true);
  });

  it('counts the days of beginning and end in', () => {
    expect(isReleased(python('3.4'), '2014-03-15')).toBe(false);
    expect(isAlive(python('3.4'), '2014-03-16')).toBe(true);
    expect(isAlive(python('3.4'), '2019-03-18')).toBe(true);
    expect(isAlive(python('3.4'), '2019-03-19')).toBe(false);
    expect(isAlive(python('pypy2.7'), '2040-01-01')).toBe(true);
  });

  it('says which tools an old Python needs, and which of that is not certain', () => {
    expect(requirementFor('pytest', toolsFor(python('2.7')).pytest)).toBe('pytest<=4.6.11');
    expect(requirementFor('pip', toolsFor(python('3.14')).pip)).toBe('pip');
    expect(toolsFor(python('2.5')).pytest.certain).toBe(false);
    expect(toolsFor(python('pypy3.9'))).toEqual(toolsFor(python('3.9')));
    expect(toolsFor(python('jython2.7'))).toMatchObject({ pip: { version: '20.3.4', certain: false }, environment: 'none' });
  });

  it('gives a newer Python no older release of a tool', () => {
    const rows = PYTHONS.filter(({ implementation, language }) => implementation === 'cpython' && language.startsWith('3.') && language !== '3.0');
    for (const tool of ['pip', 'setuptools', 'pytest'] as const) {
      const versions = rows.map((row) => toolsFor(row)[tool].version).map((version) => (version === 'current' ? '999' : version));
      expect(versions).toEqual(versions.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })));
    }
  });
});
