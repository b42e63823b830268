import { satisfies, validRange } from '@renovatebot/pep440';

/** A range may leave out single releases, as `!=3.9.0` or `>=3.9.2`: what any of these fits, it fits. */
const RELEASES = Array.from({ length: 30 }, (_, release) => release);

/** Longer ones are none that anybody wrote. */
const LONGEST = 300;

/** Whether it is a range of PEP 440, or was taken for one. */
export function isRange(text: string): boolean {
  return text.length <= LONGEST && validRange(tidy(text));
}

/** As setuptools and pip have always taken it: an empty part between commas says nothing, and `>=3.6.*` is `>=3.6`. */
function tidy(range: string): string {
  const clauses = range.split(',').map((clause) => clause.trim());
  return clauses
    .filter((clause) => clause !== '')
    .map((clause) => (/^[<>]/.test(clause) ? clause.replace(/\.\*$/, '') : clause))
    .join(',');
}

/** Whether any release of a version is in one of the ranges. */
export function isAllowed(version: string, ranges: readonly string[]): boolean {
  return ranges.some((range) => RELEASES.some((release) => satisfies(`${version}.${release}`, tidy(range), { prereleases: true })));
}

/** `isAllowed` for the ranges of one project, asked once for each version: classifiers may name one very often. */
export function allowedBy(ranges: readonly string[]): (version: string) => boolean {
  const known = new Map<string, boolean>();
  return (version) => {
    const answer = known.get(version) ?? isAllowed(version, ranges);
    known.set(version, answer);
    return answer;
  };
}

/** Whether a range has this version as its lower bound: `>=3.8` names 3.8, `>=3` and `<4` name nobody. */
export function isNamed(version: string, ranges: readonly string[]): boolean {
  const bound = new RegExp(String.raw`(?:>=|~=|===?)\s*${version.replace('.', String.raw`\.`)}(?![0-9])`);
  return (
    version !== '3.0' && ranges.some((range) => bound.test(range) || new RegExp(String.raw`>\s*${previous(version)}(?:\.\*)?\s*(?:,|$)`).test(range))
  );
}

function previous(version: string): string {
  const [major = '', minor = ''] = version.split('.');
  return String.raw`${major}\.${Number(minor) - 1}`;
}

/** For sorting: `3.9` before `3.10`. */
export function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
