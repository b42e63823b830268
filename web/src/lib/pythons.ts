import type { PythonsView, PythonToolsView, PythonView } from '#server/api';
import { groupBy } from './group.ts';
import { count, listWords } from './numbers.ts';

/** `alive`: somebody mends it. `ended`: nobody does any more. `coming`: it is not released yet. `unknown`: the catalogue does not know it. */
export type PythonAge = 'alive' | 'ended' | 'coming' | 'unknown';

/** A stretch of a row's width, in percent. */
export interface Stretch {
  left: number;
  width: number;
}

/** The years that lives are drawn over, whole ones. */
export interface Span {
  from: number;
  until: number;
}

const GROUPS = {
  cpython: 'CPython',
  'cpython-free-threaded': 'CPython without the global lock',
  pypy: 'PyPy',
  jython: 'Jython',
  other: 'Others',
} as const satisfies Record<PythonView['implementation'], string>;
const TOOLS = ['pip', 'setuptools', 'wheel', 'virtualenv', 'pytest'] as const;

/** How old it is on `today`, as `2014-03-16`. */
export function ageOf({ released, endOfLife }: Pick<PythonView, 'released' | 'endOfLife'>, today: string): PythonAge {
  if (released === null) return 'unknown';
  if (released > today) return 'coming';
  return endOfLife !== null && endOfLife < today ? 'ended' : 'alive';
}

/** Pythons by implementation, each the newest first. */
export function pythonGroups(pythons: readonly PythonView[]): { title: string; pythons: PythonView[] }[] {
  const groups = groupBy(pythons, ({ implementation }) => implementation);
  return (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((implementation) => {
    const own = groups.get(implementation) ?? [];
    return own.length === 0 ? [] : [{ title: GROUPS[implementation], pythons: own.toSorted(newerFirst) }];
  });
}

/** The page's answer: what projects ask for in vain, then what they ask for that nobody mends. */
export function pythonsSentence({ pythons }: PythonsView, today: string): string {
  const wanted = pythons.filter(({ projects }) => projects.length > 0);
  const missing = wanted.filter(isMissing);
  const ended = wanted.filter((python) => ageOf(python, today) === 'ended');
  const there = count(pythons.filter(({ pools }) => pools.length > 0).length, 'Python');
  if (wanted.length === 0) return `${there} in the pools; no project asks for one yet.`;
  return [
    `${there} in the pools, ${wanted.length} asked for by projects.`,
    ...(missing.length === 0 ? [] : [`No pool has ${namesOf(missing)}.`]),
    ...(ended.length === 0 ? [] : [`Nobody mends ${namesOf(ended)} any more.`]),
  ].join(' ');
}

/** Whether projects ask in vain: what a fork publishes is in no pool and comes to the machine all the same. */
export function isMissing({ name, pools, projects }: PythonView): boolean {
  return projects.length > 0 && pools.length === 0 && !isOfFork(name);
}

/** `acme-3.8@main`: a branch, tag or revision of a fork. */
function isOfFork(name: string): boolean {
  return name.includes('@');
}

/** From the oldest's first year to the end of the last one's. */
export function spanOf(pythons: readonly PythonView[]): Span {
  const days = pythons.flatMap(({ released, endOfLife }) => [released, endOfLife].flatMap((day) => day ?? []));
  const years = days.map((day) => Number(day.slice(0, 4)));
  return years.length === 0 ? { from: 2000, until: 2001 } : { from: Math.min(...years), until: Math.max(...years) + 1 };
}

/** Its life within the span; what has no end goes on to the span's. Null for what has no beginning. */
export function lifeStretch({ released, endOfLife }: Pick<PythonView, 'released' | 'endOfLife'>, span: Span): Stretch | null {
  if (released === null) return null;
  const left = placeOf(released, span);
  return { left, width: (endOfLife === null ? 100 : placeOf(endOfLife, span)) - left };
}

/** Where a day is within the span, percent. */
export function placeOf(day: string, { from, until }: Span): number {
  const start = Date.UTC(from, 0, 1);
  const share = (Date.parse(`${day}T00:00:00Z`) - start) / (Date.UTC(until, 0, 1) - start);
  return Math.min(100, Math.max(0, share * 100));
}

/** Its life in words: `2014-03-16 to 2019-03-18`. */
export function lifeWords({ name, released, endOfLife, certain }: PythonView, today: string): string {
  if (released === null) return isOfFork(name) ? 'published by a fork' : 'not in the catalogue';
  const about = certain ? '' : 'about ';
  const begun = released > today ? `planned for ${released}` : `since ${about}${released}`;
  if (endOfLife === null) return `${begun}, no end is planned`;
  return endOfLife < today ? `${about}${released} to ${about}${endOfLife}` : `${begun}, until ${about}${endOfLife}`;
}

/** As what a pool has it: `2.7.18 (cp27mu), built here`. The ABI where it says more than the version does. */
export function placeWords({ version, abi, isBuilt }: PythonView['pools'][number]): string {
  const isUsual = abi === null || /^cp\d+$/.test(abi);
  return `${version}${isUsual ? '' : ` (${abi})`}${isBuilt ? ', built here' : ''}`;
}

/** Tools that must be old ones, in words: `pip 20.3.4, pytest 4.6.11`; empty where all may be the newest. */
export function oldToolsWords(tools: PythonToolsView): string {
  const old = TOOLS.flatMap((name) => {
    const { version, certain } = tools[name];
    if (version === 'current') return [];
    return [version === 'none' ? `no ${name}` : `${name} ${version}${certain ? '' : ' (probably)'}`];
  });
  return old.join(', ');
}

function namesOf(pythons: readonly PythonView[]): string {
  return listWords(pythons.map(({ name }) => name));
}

/** By the numbers in their names, as `3.9` before `3.10`. */
function newerFirst(one: PythonView, other: PythonView): number {
  return other.name.localeCompare(one.name, 'en', { numeric: true });
}
