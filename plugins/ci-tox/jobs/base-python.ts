import { interpreterOf } from '#plugins/kit/python-name';
import type { EnvSettings, Generation } from '../settings.ts';

/** Which Python an environment is for. */
export interface EnvPython {
  /** As jobs ask for it, `3.9`, `pypy3.10`; null where the environment says nothing, and tox takes the Python that it runs on. */
  readonly interpreter: string | null;
  /** What is wrong with what is said, in a sentence; null where nothing is. */
  readonly problem: string | null;
}

interface Context {
  readonly generation: Generation;
  readonly ignoreConflict: boolean;
  /** Whether the project names a Python 2 at all: only then `pypy` is one. */
  readonly hasPython2: boolean;
}

const NEW_FACTOR = /^(?!py$)(py|pypy|cpython|jython|graalpy)(?:([2-9]\.?\d{0,2})(t?))?$/;
const OLD_FACTOR = /^(?!py$)(py|pypy|jython)([2-9]\d{0,2})?$/;
const EXPLICIT = /^(?:(cpython|pypy)-)?([23]\.\d+)(t?)$/;
/** A Python of whatever version. */
const PLAIN = /^(?:.*\/)?(?:python|py)(?:\.exe)?$/i;

/**
 * The Python that tox gives an environment: `base_python`, else what a factor of its name says. Where both speak and disagree, the name counts if the project
 * says so; otherwise the fourth generation refuses, which is told.
 */
export function pythonOf(name: string, { basePython }: Pick<EnvSettings, 'basePython'>, context: Context): EnvPython {
  const implied = impliedBy(name, context.generation);
  const [wanted] = basePython;
  const byName = implied[0] === undefined ? null : interpreterOf(implied[0], context.hasPython2);
  const set = wanted === undefined ? null : interpreterOf(wanted, context.hasPython2);
  if (implied.length > 1) return severalPythons(name, implied, context.ignoreConflict ? set : byName, context.ignoreConflict);
  if (wanted === undefined) return { interpreter: byName, problem: null };
  if (set === null && !PLAIN.test(wanted)) {
    return { interpreter: byName, problem: `Which Python ${JSON.stringify(wanted)} is, is not known here: ${byName ?? 'the newest 3.x'} is taken.` };
  }
  if (context.generation === 3 && context.ignoreConflict && byName !== null) return { interpreter: byName, problem: null };
  if (byName === null || (set !== null && isWithin(set, byName))) return { interpreter: set, problem: null };
  if (context.ignoreConflict) return { interpreter: byName, problem: null };
  // A plain `python` is, in front of a job of the third generation, the job's own.
  if (context.generation === 3) return { interpreter: set ?? byName, problem: null };
  const problem = `The name of ${name} says ${byName}, its base_python ${wanted}, which tox 4 refuses. Set ignore_base_python_conflict, or mend one.`;
  return { interpreter: set ?? byName, problem };
}

/** Whether the name of an environment says which Python it is for. */
export function namesPython(name: string): boolean {
  return impliedBy(name, 4).length > 0;
}

/** Whether a list of names speaks of a Python 2: where none does, a plain `pypy` is a PyPy for Python 3. */
export function namesPython2(names: readonly string[]): boolean {
  return names.some((name) => /(?:^|-)(?:py|pypy|jython)?2\.?\d?(?:-|$)/.test(name));
}

function severalPythons(name: string, implied: readonly string[], interpreter: string | null, isIgnored: boolean): EnvPython {
  const problem = `The name of ${name} speaks of several Pythons, ${implied.join(' and ')}, which tox 4 refuses. Leave one.`;
  return { interpreter, problem: isIgnored ? null : problem };
}

/** The factors of a name that say which Python it is for. The third generation takes the first. */
function impliedBy(name: string, generation: Generation): string[] {
  const factors = name.split('-');
  if (generation === 3) return factors.filter((factor) => OLD_FACTOR.test(factor)).slice(0, 1);
  if (EXPLICIT.test(name)) return [name];
  return factors.filter((factor) => NEW_FACTOR.test(factor) || EXPLICIT.test(factor));
}

/** Whether the Python that is set is one of those that the name leaves room for: 3.9 or pypy3.9 of `py3`. */
function isWithin(set: string, byName: string): boolean {
  const plain = /^\d/.test(byName) ? set.replace(/^[a-z]+/, '') : set;
  return plain === byName || plain.startsWith(`${byName}.`) || (/^[a-z]+3?$/.test(byName) && plain.startsWith(byName.replace('3', '')));
}
