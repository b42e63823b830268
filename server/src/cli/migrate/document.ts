import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import type { CiPlan } from '#plugins/api';
import { type Entry, type EntryKeys, entryOf, USUAL_DEPTH } from './entries.ts';

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

/** What an entry cannot take back once the file says it: `limits` are put together from both. */
const LASTING = ['architecture', 'image', 'compiler', 'environment', 'limits'] as const;

/**
 * The plan as a `.terrarium.yml`. Jobs that differ in one axis alone become a list of that; the largest such group is the file's own matrix, all others entries of `jobs`. Where every group
 * says something that another could not take back, all are entries, and the file says only what they share. What needs a person (`notes` besides) is said in comments. Pure.
 */
export function migrated({ jobs, stages, fastFinish }: CiPlan, source: MigrationSource, notes: readonly string[] = []): string {
  const groups = groupsOf(jobs.map((job) => entryOf(job, stages)));
  const first = groups
    .filter((group) => canBeRoot(group, groups))
    .toSorted((one, other) => other.size - one.size)
    .at(0);
  const others = groups.filter((group) => group !== first);
  const common = first?.keys ?? sharedBy(groups);
  const root: Record<string, unknown> = {
    ...common,
    ...(stages.length > 1 ? { stages: [...stages] } : {}),
    ...(fastFinish ? { 'fast-finish': true } : {}),
    // What the file says holds for its entries, too, unless they say otherwise.
    ...(others.length > 0 ? { jobs: others.map(({ keys }) => against(common, keys)) } : {}),
  };
  const document = new Document(root);
  document.commentBefore = headOf(source, [...notes, ...groups.flatMap((group) => group.notes)]);
  tidy(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/**
 * Whether the file itself may say what a group says: the other groups share what they could not take back. Beside entries the file makes jobs of its own only if it says on what
 * (`hasMatrix` of the reader).
 */
function canBeRoot({ keys }: Group, groups: readonly Group[]): boolean {
  if ('allow-failure' in keys || (groups.length > 1 && !AXES.some((axis) => axis in keys))) return false;
  if (LASTING.some((key) => key in keys && groups.some((other) => !isSame(other.keys[key], keys[key])))) return false;
  return !('shell' in keys) || groups.every((other) => 'shell' in other.keys || usualShell(other.keys) !== null);
}

/** What all groups say alike. A matrix is none of it: the file would make jobs of its own. */
function sharedBy([first, ...others]: readonly Group[]): Record<string, unknown> {
  const isShared = ([key, value]: [string, unknown]): boolean =>
    key !== 'allow-failure' && !AXES.some((axis) => axis === key) && others.every(({ keys }) => isSame(keys[key], value));
  return Object.fromEntries(Object.entries(first?.keys ?? {}).filter(isShared));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What runs the commands of jobs that do not say it; null where that depends on their system. */
function usualShell({ os = 'linux' }: Group['keys']): 'cmd' | 'sh' | null {
  const windows = (Array.isArray(os) ? os : [os]).map((system) => system === 'windows');
  if (windows.every(Boolean)) return 'cmd';
  return windows.some(Boolean) ? null : 'sh';
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
  // In a list no word stands for any processor.
  if (axis === 'architecture' && (one.architecture === undefined || other.architecture === undefined)) return false;
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
    shell: usualShell(keys),
    checkout: { depth: USUAL_DEPTH, submodules: true },
  };
  const missing = Object.keys(root).filter((key) => !(key in keys) && key in undone);
  const different = Object.entries(keys).filter(([key, value]) => !isSame(root[key], value) || isOwn(key, value));
  const { checkout, ...all } = { ...Object.fromEntries(missing.map((key) => [key, undone[key]])), ...Object.fromEntries(different) };
  return ordered({ ...all, ...(checkout === undefined ? {} : { checkout: wholeCheckout(checkout) }) });
}

/** Of an axis an entry has no more than the first value of the file's; of rows of variables none. */
function isOwn(key: string, value: unknown): boolean {
  return key === 'env' || (AXES.some((axis) => axis === key) && Array.isArray(value) && value.length > 1);
}

/** What it does not say of submodules, an entry has of the file. */
function wholeCheckout(checkout: unknown): unknown {
  return typeof checkout === 'object' ? { submodules: true, ...checkout } : checkout;
}

function headOf({ files, title }: MigrationSource, notes: readonly string[]): string {
  const head = [` Made from ${files} (${title}). Look it over, and try it: terrarium run`];
  if (notes.length > 0) head.push('', ' To be looked at:', ...[...new Set(notes)].map((note) => ` - ${note}`));
  return head.join('\n');
}

/** One command is written as such, several as a list; short lists of words on one line. */
function tidy(document: Document): void {
  if (!isMap(document.contents)) return;
  tidyMap(document.contents);
  const jobs = document.get('jobs');
  if (jobs !== undefined && jobs !== null && typeof jobs === 'object' && 'items' in jobs)
    for (const item of (jobs as { items: unknown[] }).items) if (isMap(item)) tidyMap(item);
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
