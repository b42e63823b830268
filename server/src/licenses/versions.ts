/** Versions as lists of numbers; null: no bound on that side. */
export interface VersionRange {
  readonly from: readonly number[] | null;
  readonly to: readonly number[] | null;
}

/** Reads `12`, `12.1 - 19`, `12.1 -`, `- 19` (see `LicenseVersions`). */
export function readVersions(text: string): VersionRange {
  const [from = '', to] = text.split('-').map((part) => part.trim());
  const only = to === undefined;
  return { from: from === '' ? null : numbers(from), to: only ? numbers(from) : to === '' ? null : numbers(to) };
}

/** Whether a version is in the range. Both ends are in it, with all that begins with them: 19.3 is in `12.1 - 19`. */
export function hasVersion({ from, to }: VersionRange, version: string): boolean {
  const parts = numbers(version);
  if (from !== null && compare(parts, from) < 0) return false;
  return to === null || compare(parts.slice(0, to.length), to) <= 0;
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}

/** What is not said is 0: 12 is 12.0. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
