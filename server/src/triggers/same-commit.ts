const SHORTEST = 7;

/** Whether two ids are of one commit: some hosts give only the beginning of it, of seven digits at least. */
export function isSameCommit(one: string, other: string): boolean {
  return Math.min(one.length, other.length) >= SHORTEST && (one.startsWith(other) || other.startsWith(one));
}
