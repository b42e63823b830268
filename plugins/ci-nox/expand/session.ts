/** A session as `nox --list` shows one, or several that only nox can tell apart. */
export interface Session {
  /** What `nox -s` takes: `tests-3.9(django='1.11')`; of several the name of all. */
  readonly name: string;
  /** The function's name, by which it is chosen too. */
  readonly family: string;
  /** Other names by which it can be chosen. */
  readonly otherNames: readonly string[];
  /** As written, `3.9`, `pypy3`; null for one that runs on nox's own Python. */
  readonly python: string | null;
  /** The parameters in brackets, without these; empty where there are none. */
  readonly parameters: string;
  readonly isDefault: boolean;
  readonly tags: readonly string[];
  /** Why it stands for several, in words that follow "since"; null where it is one. */
  readonly unknown: string | null;
  readonly line: number;
}
