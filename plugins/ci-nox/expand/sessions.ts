import type { JobBudget } from '#plugins/kit/job-budget';
import { type Argument, isKnown, sizeOf, textsOf, type Value } from '../python/values.ts';
import type { SessionFunction } from '../read/noxfile.ts';
import { type ParameterSet, parameterSets } from './parameters.ts';
import type { Session } from './session.ts';

/** The sessions that a function stands for, in nox's order; one for all of them where only nox can tell. Throws `TooMuch`. */
export function sessionsOf(definition: SessionFunction, budget: JobBudget): Session[] {
  const { name, args, line } = definition;
  const isDefault = known(args, 'default')?.text !== 'False';
  const tags = argument(args, 'tags');
  if (tags !== undefined) budget.work(sizeOf(tags) / 10);
  const base = { family: name, isDefault, tags: (tags === undefined ? [] : textsOf(tags)) ?? [], line };
  const pythons = pythonsOf(args);
  const sets = parameterSets(definition.parametrize, budget);
  const unknown = unknownOf(definition, pythons, sets, tags);
  if (unknown !== null || pythons === null || sets === null) {
    return [{ ...base, name, otherNames: [], python: null, parameters: '', unknown: unknown ?? 'it is computed' }];
  }
  const isList = pythons.kind === 'list';
  budget.work(10 * Math.max(1, pythons.names.length) * Math.max(1, sets.length));
  const letters = pythons.names.reduce((sum, python) => sum + python.length, 0) + Math.max(1, pythons.names.length) * name.length;
  budget.text(3 * letters * Math.max(1, sets.length));
  return (pythons.names.length === 0 && !isList ? [null] : pythons.names).flatMap((python) => variants(definition, base, python, isList, sets));
}

type Pythons = { readonly kind: 'list' | 'one' | 'none'; readonly names: readonly string[] };

function unknownOf(
  definition: SessionFunction,
  pythons: Pythons | null,
  sets: readonly ParameterSet[] | null,
  tags: Value | undefined,
): string | null {
  if (definition.args.some(({ name }) => name === '**' || name === '*')) return 'its settings are computed';
  if (pythons === null) return 'its Pythons are computed';
  if (sets === null) return 'its parameters are computed';
  const isSaid = argument(definition.args, 'default');
  if (isSaid !== undefined && !isKnown(isSaid)) return 'it is computed whether it runs by default';
  return tags !== undefined && textsOf(tags) === null ? 'its tags are computed' : null;
}

function variants(
  definition: SessionFunction,
  base: Pick<Session, 'family' | 'isDefault' | 'tags' | 'line'>,
  python: string | null,
  isList: boolean,
  sets: readonly ParameterSet[],
): Session[] {
  const { name } = definition;
  const withPython = python === null ? name : `${name}-${python}`;
  // nox calls a session by its Python only where there are several.
  const own = isList ? withPython : name;
  const others = own === withPython ? [] : [withPython];
  if (definition.parametrize.length === 0) return [{ ...base, name: own, otherNames: others, python, parameters: '', unknown: null }];
  return sets.map((set) => {
    const otherNames = python === null ? [] : [withPython, `${withPython}(${set.text})`];
    const tags = [...base.tags, ...set.tags];
    return {
      ...base,
      name: `${own}(${set.text})`,
      otherNames,
      python: python ?? pythonOf(set, definition),
      parameters: set.text,
      tags,
      unknown: null,
    };
  });
}

/** A parameter `python` that the function does not take itself is the session's Python. */
function pythonOf({ values }: ParameterSet, { parameters }: SessionFunction): string | null {
  const value = values.get('python');
  return value?.kind === 'text' && !parameters.includes('python') ? value.text : null;
}

/** `python=` or `py=`: a name, a list of them, or False and None for none; null where it is computed. */
function pythonsOf(args: readonly Argument[]): Pythons | null {
  const backend = known(args, 'venv_backend')?.text;
  const value = argument(args, 'python') ?? argument(args, 'py');
  if (value === undefined || (value.kind === 'constant' && value.text !== 'True')) return { kind: 'none', names: [] };
  if (value.kind === 'text') return { kind: 'one', names: [value.text] };
  const names = textsOf(value);
  if (names === null) return null;
  return backend === 'none' ? { kind: 'none', names: [] } : { kind: 'list', names: [...new Set(names)] };
}

function argument(args: readonly Argument[], name: string): Value | undefined {
  return args.find((one) => one.name === name)?.value;
}

/** A text or constant; undefined for anything else. */
function known(args: readonly Argument[], name: string): { readonly text: string } | undefined {
  const value = argument(args, name);
  return value !== undefined && 'text' in value ? value : undefined;
}
