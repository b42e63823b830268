import type { CommandShell, ServiceName } from '#plugins/api';
import type { Report } from '#plugins/kit/yaml/report';
import type { Description, JobEntry } from './description.ts';
import type { Placed } from './fields.ts';

type Commands = readonly Placed<string>[];
type Row = ReadonlyMap<string, string>;

/** Jobs that differ only by the axes of their matrix: the whole file is one, each entry of `jobs` another. Everything is decided here. */
export interface Group {
  /** As given; null: to be made of what distinguishes the jobs. */
  readonly name: string | null;
  /** Where it stands in the file; empty for the file itself. */
  readonly origin: { readonly path: string; readonly at: Placed<unknown>['at'] | null };
  readonly stage: string | null;
  readonly pythons: readonly (string | null)[];
  readonly systems: readonly string[];
  readonly architectures: readonly (string | null)[];
  readonly rows: readonly Row[];
  readonly variables: Row;
  readonly install: Commands;
  readonly test: Commands;
  readonly after: Commands;
  readonly image: string | null;
  readonly environment: string | null;
  readonly compiler: string | null;
  readonly licenses: readonly string[];
  /** Null: nothing is said. */
  readonly reports: readonly string[] | null;
  readonly bundles: readonly string[];
  readonly apt: readonly string[];
  readonly services: readonly ServiceName[];
  /** Null: what is usual on the system. */
  readonly shell: CommandShell | null;
  readonly checkout: { readonly depth: number | null; readonly submodules: boolean } | null;
  readonly limits: { readonly time: number | null; readonly silence: number | null };
  readonly allowFailure: boolean;
}

const DEFAULT_DEPTH = 50;
const NO_ROW: readonly Row[] = [new Map()];

/** What the file says of all jobs, and the matrix of its own, if it has one (see `hasMatrix`). */
export function rootGroup(root: Description): Group {
  return merge(null, root, { name: null, origin: { path: '', at: null }, allowFailure: false });
}

/**
 * Whether the file itself makes jobs besides those under `jobs`: where it lists none, where an axis has several values, or where it says
 * both what to test and on what. Else it only says what the listed jobs have in common.
 */
export function hasMatrix(root: Description): boolean {
  const axes = [root.python, root.os, root.architecture, root.env].filter((axis) => axis !== undefined);
  if (root.jobs === undefined || axes.some((axis) => axis.length > 1)) return true;
  return axes.length > 0 && root.test !== undefined;
}

/** A job listed under `jobs`: what it does not say, it has of the file; of an axis the first value, and no row of `env`. */
export function entryGroup(root: Group, { value, path, at }: Placed<JobEntry>): Group {
  return merge(root, value, { name: value.name ?? null, origin: { path, at }, allowFailure: value['allow-failure'] ?? false });
}

function merge(root: Group | null, own: Omit<JobEntry, 'name'>, fixed: Pick<Group, 'name' | 'origin' | 'allowFailure'>): Group {
  return {
    ...fixed,
    stage: own.stage ?? root?.stage ?? null,
    pythons: own.python?.map((name) => (name === 'none' ? null : name)) ?? root?.pythons.slice(0, 1) ?? [null],
    systems: own.os ?? root?.systems.slice(0, 1) ?? ['linux'],
    architectures: own.architecture ?? root?.architectures.slice(0, 1) ?? [null],
    rows: own.env ?? NO_ROW,
    variables: new Map([...(root?.variables ?? []), ...(own.variables ?? [])]),
    install: own.install ?? root?.install ?? [],
    test: own.test ?? root?.test ?? [],
    after: own.after ?? root?.after ?? [],
    image: own.image ?? root?.image ?? null,
    environment: own.environment ?? root?.environment ?? null,
    compiler: own.compiler ?? root?.compiler ?? null,
    licenses: own.licenses ?? root?.licenses ?? [],
    bundles: own.bundles ?? root?.bundles ?? [],
    apt: own.apt ?? root?.apt ?? [],
    services: own.services?.filter((name) => name !== null) ?? root?.services ?? [],
    reports: own.reports ?? root?.reports ?? null,
    shell: own.shell ?? root?.shell ?? null,
    checkout: mergeCheckout(root?.checkout, own.checkout),
    limits: { time: own.limits?.time ?? root?.limits.time ?? null, silence: own.limits?.silence ?? root?.limits.silence ?? null },
  };
}

function mergeCheckout(root: Group['checkout'] | undefined, own: JobEntry['checkout']): Group['checkout'] {
  const before = root ?? { depth: DEFAULT_DEPTH, submodules: true };
  if (own === undefined) return root === null ? null : before;
  if (typeof own === 'boolean') return own ? before : null;
  return { depth: own.depth === undefined ? before.depth : own.depth, submodules: own.submodules ?? before.submodules };
}

/** How many jobs the group's matrix has before anything is left out. */
export function size(group: Group): number {
  return group.pythons.length * group.systems.length * group.architectures.length * group.rows.length;
}

/** Characters of the commands and variables that each of its jobs gets. */
export function textLength({ install, test, after, variables }: Group): number {
  const texts = [...[...install, ...test, ...after].map(({ value }) => value), ...variables.values()];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Says what a group lacks, and what of it will not happen. */
export function checkGroup(group: Group, report: Report): void {
  if (group.apt.length + group.services.length > 0 && group.systems.some((system) => system !== 'linux'))
    report.warning(group.origin.path, group.origin.at, '"apt" and "services" are only for jobs on Linux: the others do without.');
  if (group.test.length > 0) return;
  report.error(group.origin.path, group.origin.at, 'There is nothing to test: say which commands to run, as "test: pytest".');
}

/** Commands of the file that no job runs: somebody lists jobs with commands of their own and believes that the file's run as well. */
export function checkUnused(root: Description, groups: readonly Group[], report: Report): void {
  const [first] = root.test ?? [];
  if (first === undefined || groups.some(({ test }) => test === root.test)) return;
  const text = 'No job runs this: each under "jobs" has a "test" of its own. Say on which "python" it is to run, or take it out.';
  report.error('test', first.at, text);
}
