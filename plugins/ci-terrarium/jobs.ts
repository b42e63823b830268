import type { JobSpec } from '#plugins/api';
import type { Group } from './group.ts';
import { config, programOf } from './program.ts';

/** A job with what it is told apart by, for `exclude` and `allow-failures`. */
export interface Job {
  readonly group: Group;
  readonly python: string | null;
  readonly system: string;
  readonly architecture: string | null;
  readonly row: ReadonlyMap<string, string>;
}

const COMMAND_LENGTH = 40;

/** Every combination of the group's axes, Python first. Pure. */
export function combine(group: Group): Job[] {
  return group.pythons.flatMap((python) =>
    group.systems.flatMap((system) =>
      group.architectures.flatMap((architecture) => group.rows.map((row) => ({ group, python, system, architecture, row }))),
    ),
  );
}

/** What tells a job apart from its neighbours, besides its Python. Empty where nothing does. */
function distinctions({ group, system, architecture, row }: Job): string[] {
  const parts = [...row].map(([name, value]) => `${name}=${value}`);
  const systems = group.systems.length > 1 || system !== 'linux' ? [system] : [];
  const architectures = architecture !== null && (group.architectures.length > 1 || group.origin.path !== '') ? [architecture] : [];
  return [...systems, ...architectures, ...(parts.length > 0 ? [parts.join(' ')] : [])];
}

/** What people call it, before duplicates are told apart. */
export function nameOf(job: Job): string {
  const { group, python } = job;
  const several = group.pythons.length > 1;
  if (group.name !== null) return [group.name, ...(several && python !== null ? [python] : []), ...variety(job)].join(' · ');
  return [...(python === null ? [] : [python]), ...distinctions(job), ...ownCommand(job)].join(' · ') || 'test';
}

/** Of a job with a name of its own only what differs within its group. */
function variety({ group, system, architecture, row }: Job): string[] {
  const env = [...row].map(([name, value]) => `${name}=${value}`).join(' ');
  return [
    ...(group.systems.length > 1 ? [system] : []),
    ...(group.architectures.length > 1 && architecture !== null ? [architecture] : []),
    ...(group.rows.length > 1 && env !== '' ? [env] : []),
  ];
}

/** A listed job without a name, but with a test of its own, is known by that. */
function ownCommand({ group }: Job): string[] {
  const [first] = group.test;
  const isOwn = first?.path.startsWith(`${group.origin.path}.`) ?? false;
  if (first === undefined || group.origin.path === '' || !isOwn) return [];
  const [line = ''] = first.value.trim().split('\n');
  return [line.length > COMMAND_LENGTH ? `${line.slice(0, COMMAND_LENGTH - 1)}…` : line];
}

/** The row of the matrix picture: everything but the Python. */
function rowOf(job: Job): string {
  const { group } = job;
  return group.name === null ? [...distinctions(job), ...ownCommand(job)].join(' · ') : [group.name, ...variety(job)].join(' · ');
}

/** The job as the core takes it. `stage` is the one it belongs to in the end. */
export function toSpec(job: Job, name: string, stage: string, allowFailure: boolean): JobSpec {
  const { group, python, system, architecture, row } = job;
  const values = new Map([...group.variables, ...row]);
  return {
    name,
    stage,
    allowFailure,
    config: config(job, stage, allowFailure),
    cell: { column: python ?? 'none', row: rowOf(job) },
    requirements: { system, architecture, interpreter: python, image: group.image, ...(group.compiler === null ? {} : { compiler: group.compiler }) },
    variables: [...values].map(([variable, value]) => ({ name: variable, value, expand: false })),
    checkout: group.checkout,
    program: programOf(job),
    ...(group.environment === null ? {} : { environment: group.environment }),
    ...(group.licenses.length === 0 ? {} : { licenses: [...new Set(group.licenses)].toSorted() }),
    ...(group.bundles.length === 0 ? {} : { bundles: [...new Set(group.bundles)].toSorted() }),
    ...(system !== 'linux' || group.apt.length === 0 ? {} : { apt: [...new Set(group.apt)] }),
    ...(system !== 'linux' || group.services.length === 0 ? {} : { services: [...new Set(group.services)] }),
    ...(group.reports === null ? {} : { reports: [...new Set(group.reports)] }),
    limits: group.limits,
  };
}
