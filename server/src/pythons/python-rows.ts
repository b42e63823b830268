import { knownPython, PYTHONS, toolsFor } from '#plugins/api';
import type { PythonView } from '#server/api';
import { matchInterpreter } from '../scheduling/match-interpreter.ts';
import type { PlanPool } from '../scheduling/plan-types.ts';
import type { Wish } from './sql/wishes.ts';

/** What of a pool says which Pythons its jobs can have. */
export type PythonPool = { readonly name: string; readonly image: Pick<PlanPool['image'], 'architecture' | 'interpreters'> };

/** Interpreters that forks publish are no part of an image, and many: they are listed when somebody asks for them. */
const OF_A_FORK = '@';
const NARROW = '-32';
/** An image that has all of the catalogue: what somebody means who asks for a Python that no pool has. */
const CATALOGUE = {
  architecture: 'x86_64',
  interpreters: PYTHONS.flatMap(({ name, language, implementation }) =>
    [name, `${name}${NARROW}`].map((one) => ({ name: one, version: language, implementation, path: '/' })),
  ),
};

/** Every Python of the catalogue, then what pools have and projects ask for besides: where each is, and who asks for it. Pure. */
export function pythonRows(pools: readonly PythonPool[], wishes: readonly Wish[]): PythonView[] {
  const meanings = new Map([...new Set(wishes.map(({ interpreter }) => interpreter))].map((wish) => [wish, nameOf(wish, pools)]));
  const had = pools.flatMap(({ image }) => image.interpreters.map(({ name }) => name).filter((name) => !name.includes(OF_A_FORK)));
  const names = new Set([...PYTHONS.map(({ name }) => name), ...had, ...meanings.values()]);
  return [...names].map((name) => {
    const own = wishes.filter(({ interpreter }) => meanings.get(interpreter) === name);
    return { ...factsOf(name), pools: placesOf(name, pools), projects: projectsOf(own) };
  });
}

/** The interpreter that a wish would get here, else the Python of the catalogue that it names, else its own words. */
function nameOf(wish: string, pools: readonly PythonPool[]): string {
  const images = pools.map(({ image }) => image);
  const match = matchInterpreter(wish, images) ?? matchInterpreter(wish, [CATALOGUE]);
  return match?.interpreter.name ?? wish.trim();
}

function factsOf(name: string): Omit<PythonView, 'pools' | 'projects'> {
  const known = knownPython(name.endsWith(NARROW) ? name.slice(0, -NARROW.length) : name);
  if (known === undefined) return { name, implementation: 'other', released: null, endOfLife: null, certain: false, tools: null };
  const { implementation, released, endOfLife, certain } = known;
  return { name, implementation, released, endOfLife, certain, tools: toolsFor(known) };
}

function placesOf(name: string, pools: readonly PythonPool[]): PythonView['pools'] {
  return pools.flatMap(({ name: pool, image }) => {
    // As jobs get it: of several by that name the newest.
    const found = image.interpreters.some((one) => one.name === name) ? matchInterpreter(name, [image])?.interpreter : undefined;
    return found === undefined ? [] : [{ pool, version: found.version, abi: found.abi ?? null, isBuilt: found.archive !== undefined }];
  });
}

/** A project that writes one Python in two ways is one. */
function projectsOf(wishes: readonly Wish[]): PythonView['projects'] {
  const projects = new Map<number, PythonView['projects'][number]>();
  for (const { projectId: id, project: name, jobs } of wishes) projects.set(id, { id, name, jobs: jobs + (projects.get(id)?.jobs ?? 0) });
  return [...projects.values()];
}
