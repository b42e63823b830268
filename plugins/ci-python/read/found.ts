/** Something that a file says, with where it says it: `setup.cfg, line 12`. */
export interface Found<T> {
  readonly value: T;
  readonly where: string;
}

/** A place, in words. */
export function place(file: string, line: number | null): string {
  return line === null ? file : `${file}, line ${line}`;
}

/** The name of a distribution, an extra or a group as PEP 503 and PEP 685 compare it. */
export function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
}
