import { asTable, own, type Table, textAt } from './toml.ts';

/** Longer ones are none that anybody wrote. */
const LONGEST = 300;
/** More than there are lines of Python. */
const MOST_ALTERNATIVES = 12;

/** Poetry's requirement of Python as PEP 440 specifiers, of which one must hold: `^3.8` is `>=3.8,<4`. Null where it is written in another way. */
export function poetrySpecifiers(text: string): string[] | null {
  if (text.length > LONGEST) return null;
  const alternatives = text.split(/\|\|?/).map((part) => specifier(part.trim()));
  // Each version is compared with each of them.
  if (alternatives.length > MOST_ALTERNATIVES) return null;
  return alternatives.includes(null) ? null : alternatives.filter((one) => one !== null);
}

/** The dependencies of one of Poetry's tables as requirements; those that lead to a path or repository have no version here. Python itself is none. */
export function poetryRequirements(table: Table): string[] {
  return Object.keys(table).flatMap((name) => {
    if (name.toLowerCase() === 'python') return [];
    const value = own(table, name);
    const options = asTable(value);
    const versions = specifier(typeof value === 'string' ? value : (textAt(options, 'version') ?? '*'));
    const marker = textAt(options, 'markers');
    return [`${name}${versions ?? ''}${marker === undefined ? '' : `; ${marker}`}`];
  });
}

function specifier(text: string): string | null {
  if (text.length > LONGEST) return null;
  // Spaces are brought together first: what splits at them would try each by itself.
  const parts = text
    .replaceAll(/\s+/g, ' ')
    .split(/ ?, ?| (?=[<>=!~^])/)
    .filter((part) => part !== '');
  const read = parts.map(clause);
  return read.includes(null) ? null : read.filter((one) => one !== '').join(',');
}

/** One clause. An empty result: anything. */
function clause(text: string): string | null {
  const [, sign = '', version = ''] = /^(\^|~(?!=)|~=|===?|!=|<=|>=|<|>|)\s*v?([0-9*][0-9A-Za-z.*+-]*)$/.exec(text) ?? [];
  if (version === '') return text === '*' ? '' : null;
  if (version === '*') return '';
  const numbers = /^\d+(?:\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [];
  if (sign === '^')
    return `>=${version},<${above(
      numbers,
      Math.max(
        0,
        numbers.findIndex((number) => number > 0),
      ),
    )}`;
  if (sign === '~') return `>=${version},<${above(numbers, numbers.length > 1 ? 1 : 0)}`;
  return `${sign === '' || sign === '=' ? '==' : sign}${version}`;
}

/** The next version when the number at a place is raised. */
function above(numbers: readonly number[], place: number): string {
  return numbers
    .slice(0, place + 1)
    .map((number, index) => (index === place ? number + 1 : number))
    .join('.');
}
