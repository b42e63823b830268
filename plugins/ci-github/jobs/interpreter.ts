import type { Report } from '#plugins/kit/yaml/report';
import type { JobRun } from '../expand/job-run.ts';
import { textOfValue } from '../expressions/value.ts';
import { interpreterOf } from './python-version.ts';
import { versionsOfFile } from './python-wish.ts';
import type { PythonWish } from './step.ts';

/** The Python of a job. */
export interface Python {
  /** As interpreters are called here: `3.12`, `pypy3.10`, `3.9-32`. */
  readonly interpreter: string;
  readonly architecture: string | null;
}

/** Keys of a matrix that name a Python where no step does: `uv run --python ${{ matrix.python }}`. */
const KEY = /^(?:python|py)(?:[-_]?versions?)?$/i;

/**
 * The Python that is in front in a job: the last one of those that its steps set up, as each puts its own before the others. Null: none does, and whatever the machine has is used.
 * Others are told: they are there only if the image has them.
 */
export function pythonOf({ part, row, id }: JobRun, wishes: readonly PythonWish[], versionFile: string | null, report: Report): Python | null {
  const named = wishes.flatMap((wish) => wish.versions.map((version) => ({ version, wish })));
  const found = named.flatMap(({ version, wish }) => {
    const name = interpreterOf(version);
    if (name === null) report.warning(part.path, part.at, `"${version}" is no Python that can be asked for here: the job ${id} runs without it.`);
    return name === null ? [] : [{ name: wish.isNarrow ? `${name}-32` : name, wish }];
  });
  const last = found.at(-1);
  if (last === undefined) return unnamed(row, wishes, versionFile);
  const others = [...new Set(found.map(({ name }) => name))].filter((name) => name !== last.name);
  if (others.length > 0)
    report.warning(
      part.path,
      part.at,
      `The job ${id} sets up several Pythons. ${last.name} is put in front; it finds these only if the image has them: ${others.join(', ')}.`,
    );
  return { interpreter: last.name, architecture: last.wish.architecture };
}

/** A tool that works with Pythons of its own is given that of the matrix, or of `.python-version`, or any. */
function unnamed(row: JobRun['row'], wishes: readonly PythonWish[], versionFile: string | null): Python | null {
  if (!wishes.some(({ isNeeded }) => isNeeded)) return null;
  const key = [...row.keys()].find((name) => KEY.test(name));
  const said = [...(key === undefined ? [] : [textOfValue(row.get(key) ?? null)]), ...versionsOfFile(versionFile)];
  return { interpreter: said.map(interpreterOf).find((name) => name !== null) ?? '3', architecture: null };
}
