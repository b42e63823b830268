import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import type { CiPlan } from '#plugins/api';
import { type Entry, type EntryKeys, entryOf } from './entries.ts';

/** What a migrated file says of itself. */
export interface MigrationSource {
  /** The files that it was made from: `.travis.yml + appveyor.yml`. */
  readonly files: string;
  readonly title: string;
}

/** Keys that make the jobs of one group different: a matrix has one or several of each. */
const AXES = ['python', 'os', 'architecture', 'env'] as const;
type Axis = (typeof AXES)[number];
/** What a job without it has. */
const DEFAULTS: Readonly<Partial<Record<Axis, string>>> = { os: 'linux' };

/**
 * The plan as a `.terrarium.yml`. Jobs that differ in one axis alone become a list of that; the largest such group is the file's own matrix, all others entries of `jobs`. What needs a person is
 * said in comments. Pure.
 */
export function migrated({ jobs, stages, fastFinish }: CiPlan, source: MigrationSource): string {
  const groups = groupsOf(jobs.map((job) => entryOf(job, stages)));
  const first = groups
    .filter(({ keys }) => !('allow-failure' in keys))
    .toSorted((one, other) => other.size - one.size)
    .at(0);
  const others = groups.filter((group) => group !== first);
  const root: Record<string, unknown> = {
    ...first?.keys,
    ...(stages.length > 1 ? { stages: [...stages] } : {}),
    ...(fastFinish ? { 'fast-finish': true } : {}),
    // What the file says holds for its entries, too, unless they say otherwise.
    ...(others.length > 0 ? { jobs: others.map(({ keys }) => against(first?.keys ?? {}, keys)) } : {}),
  };
  const document = new Document(root);
  document.commentBefore = headOf(source, groups);
  tidy(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

interface Group {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly size: number;
  readonly notes: readonly string[];
}

/** Jobs that are alike but for one axis, together. */
function groupsOf(entries: readonly Entry[]): Group[] {
  const left = [...entries];
  const groups: Group[] = [];
  for (let one = left.shift(); one !== undefined; one = left.shift()) {
    const entry = one;
    const axis = AXES.find((name) => left.some((other) => isAlike(entry.keys, other.keys, name)));
    const alike = axis === undefined ? [] : left.filter((other) => isAlike(entry.keys, other.keys, axis));
    for (const other of alike) left.splice(left.indexOf(other), 1);
    groups.push(groupOf([entry, ...alike], axis));
  }
  return groups;
}

function groupOf(entries: readonly Entry[], axis: Axis | undefined): Group {
  const [first] = entries;
  const keys: Record<string, unknown> = { ...first?.keys };
  if (axis !== undefined) {
    const values = entries.map((entry) => entry.keys[axis] ?? DEFAULTS[axis] ?? (axis === 'env' ? {} : 'none'));
    keys[axis] = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  } else if (keys['env'] !== undefined) keys['env'] = [keys['env']];
  return { keys: ordered(keys), size: entries.length, notes: [...new Set(entries.flatMap(({ notes }) => notes))] };
}

function isAlike(one: EntryKeys, other: EntryKeys, axis: Axis): boolean {
  const without = (keys: EntryKeys): string => JSON.stringify(ordered({ ...keys, [axis]: null }));
  return without(one) === without(other);
}

const ORDER = [
  'name',
  'stage',
  ...AXES,
  'image',
  'compiler',
  'environment',
  'licenses',
  'bundles',
  'apt',
  'services',
  'shell',
  'checkout',
  'limits',
  'install',
  'test',
  'after',
];

function ordered(keys: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const place = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.fromEntries(Object.entries(keys).toSorted(([one], [other]) => place(one) - place(other)));
}

/** An entry says what is different from the file; what the file says and the entry has not, it says as the default. */
function against(root: Readonly<Record<string, unknown>>, keys: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const undone: Readonly<Record<string, unknown>> = {
    install: [],
    after: [],
    python: 'none',
    os: 'linux',
    licenses: [],
    bundles: [],
    apt: [],
    services: [],
    checkout: true,
  };
  const missing = Object.keys(root).filter((key) => !(key in keys) && key in undone);
  const different = Object.entries(keys).filter(([key, value]) => JSON.stringify(root[key]) !== JSON.stringify(value) || key === 'env');
  return ordered({ ...Object.fromEntries(missing.map((key) => [key, undone[key]])), ...Object.fromEntries(different) });
}

function headOf({ files, title }: MigrationSource, groups: readonly Group[]): string {
  const notes = [...new Set(groups.flatMap((group) => group.notes))];
  const head = [` Made from ${files} (${title}). Look it over, and try it: terrarium run`];
  if (notes.length > 0) head.push('', ' To be looked at:', ...notes.map((note) => ` - ${note}`));
  return head.join('\n');
}

/** One command is written as such, several as a list; short lists of words on one line. */
function tidy(document: Document): void {
  if (!isMap(document.contents)) return;
  tidyMap(document.contents as YAMLMap);
  const jobs = document.get('jobs');
  if (jobs !== undefined && jobs !== null && typeof jobs === 'object' && 'items' in jobs)
    for (const item of (jobs as { items: unknown[] }).items) if (isMap(item)) tidyMap(item as YAMLMap);
}

const ON_ONE_LINE = new Set(['python', 'os', 'architecture', 'env', 'licenses', 'bundles', 'apt', 'services', 'checkout', 'limits', 'stages']);

function tidyMap(map: YAMLMap): void {
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const { value } = pair;
    if (value === null || typeof value !== 'object' || !('items' in value)) continue;
    const { items } = value as { items: unknown[]; flow?: boolean };
    const [only] = items;
    if (items.length === 1 && ['install', 'test', 'after', 'python', 'os', 'architecture'].includes(key)) pair.value = only;
    else if (items.length === 0 || ON_ONE_LINE.has(key)) (value as { flow?: boolean }).flow = true;
  }
}
