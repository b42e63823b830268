import type { JobBudget } from '#plugins/kit/job-budget';
import type { Report } from '#plugins/kit/yaml/report';

/** What reading may come to, and where it says what there is to say. */
export interface Reading {
  readonly budget: JobBudget;
  readonly report: Report;
}

/** What a project says to tox, in whichever file and format. Values as written, substituted where that can be known. */
export interface ToxSettings {
  readonly file: string;
  /** The names of the environments that plain `tox` runs, in order, each once; null where only tox itself can know them. */
  readonly envs: readonly string[] | null;
  /** Where the list stands; null where there is none. */
  readonly line: number | null;
  /** `skip_missing_interpreters`; null where it is not set. */
  readonly skipMissing: boolean | null;
  /** `requires`: what must be installed beside tox. */
  readonly requires: readonly string[];
  /** `min_version`. */
  readonly minimum: string | null;
  /** The version of tox from which on the file can be read at all; null where any will do. */
  readonly readableFrom: string | null;
  readonly ignoreConflict: boolean;
  readonly generation: Generation;
  /** What holds for one environment. */
  env(name: string): EnvSettings;
}

/** What is said of one environment. */
export interface EnvSettings {
  /** `base_python`, the most wanted first; empty where it is not set. */
  readonly basePython: readonly string[];
  /** `base_python_file`: files that name one, the first that is there. */
  readonly basePythonFiles: readonly string[];
  /** `platform`: a pattern of Python's for the whole of `sys.platform`; null for any. */
  readonly platform: string | null;
  /** `depends`: names of environments, perhaps with stars, that tox runs before. */
  readonly depends: readonly string[];
}

/** The tox that a project is written for: its third and its fourth generation read the same text differently. */
export type Generation = 3 | 4;

const NAME = /^tox(?:\[[^\]]*\])?([^;]*)/i;

/** The generation of tox that `requires` leaves: the third only where newer ones are refused. Pure. */
export function generationOf(requires: readonly string[]): Generation {
  const specifiers = requires.flatMap((one) => NAME.exec(one.trim())?.[1]?.split(',') ?? []);
  return specifiers.some((one) => /^\s*(?:<\s*4(?:\.0)*(?:[a-z]\w*)?|<=?\s*[0-3](?:\.\S*)?|={2,3}\s*[0-3](?:\.\S*)?|~=\s*[0-3]\.\S*)\s*$/.test(one))
    ? 3
    : 4;
}
