/** A path as `ScmProvider.readFiles` takes it, whose last part stands for several names. */
export interface PathPattern {
  /** Without a slash at its end; empty: the root. */
  readonly folder: string;
  /** Whether a file of that name is meant. */
  readonly fits: (name: string) => boolean;
}

/** Reads `.github/workflows/*.yml`; null for a path without `*` in its last part. One `*` stands for any characters; there may be no other. */
export function pathPattern(path: string): PathPattern | null {
  const slash = path.lastIndexOf('/');
  const [before = '', after, ...more] = path.slice(slash + 1).split('*');
  if (after === undefined || more.length > 0) return null;
  const fits = (name: string): boolean => name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
  return { folder: slash < 0 ? '' : path.slice(0, slash), fits };
}

/** So many files of one folder are read at most: of each a job may be made, and somebody waits for all of them. */
export const MOST_FILES = 30;

/** What is said of more. */
export function tooManyFiles(path: string): string {
  return `More than ${MOST_FILES} files are called ${path}, which is more than are read. Put some of them together, or take some away.`;
}
