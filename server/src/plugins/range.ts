const VERSION = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/;

/**
 * Whether `version` (`MAJOR.MINOR.PATCH`) lies in `range` (`^MAJOR.MINOR.PATCH`): the same MAJOR, and nothing older. Null if the range is
 * not of that form. Pure. The seam begins at 1, so the special meaning that others give to `^0.x` has no place here.
 */
export function inRange(version: string, range: string): boolean | null {
  const wanted = range.startsWith('^') ? numbers(range.slice(1)) : null;
  const given = numbers(version);
  if (wanted === null || given === null) return null;
  if (given[0] !== wanted[0]) return false;
  return given[1] > wanted[1] || (given[1] === wanted[1] && given[2] >= wanted[2]);
}

function numbers(text: string): [number, number, number] | null {
  const match = VERSION.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])];
}
