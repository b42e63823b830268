import type { CommandShell, JobSpec, Phase, Program } from '#plugins/api';
import { jsonRecord } from '#plugins/kit/json-record';
import type { Group } from './group.ts';
import type { Job } from './jobs.ts';

type Config = JobSpec['config'];

const RULES = [
  { name: 'install', when: 'passing', onFailure: 'error' },
  { name: 'test', when: 'passing', onFailure: 'fail' },
  { name: 'after', when: 'always', onFailure: 'ignore' },
] as const;

/** Everything that a job runs: by `sh`, or on Windows by `cmd`, where nothing else is said. */
export function programOf({ group, system }: Job): Program {
  const shell = shellOf(group, system);
  if (shell === 'sh' || shell === 'bash') return { shell, phases: phases(group, {}) };
  return { shell: 'bash', phases: phases(group, { shell }) };
}

function shellOf(group: Group, system: string): CommandShell {
  return group.shell ?? (system === 'windows' ? 'cmd' : 'sh');
}

/** The phases that have commands. */
function phases(group: Group, by: { readonly shell?: CommandShell }): Phase[] {
  return RULES.filter(({ name }) => group[name].length > 0).map(({ name, when, onFailure }) => {
    const commands = group[name].map(({ value }) => ({ run: value, ...by }));
    return { name, when, onFailure, commands };
  });
}

/** The job in the words of the format, with everything that holds for it: what a person would have to write for it alone. */
export function config({ group, python, system, architecture, row }: Job, stage: string, allowFailure: boolean): Config {
  const { name, image, environment, compiler, bundles, licenses, apt, services, reports, checkout } = group;
  return withoutNothing({
    name,
    stage,
    python,
    os: system,
    architecture,
    env: nonEmpty(jsonRecord(row)),
    variables: nonEmpty(jsonRecord(group.variables)),
    image,
    environment,
    compiler,
    licenses: licenses.length === 0 ? null : [...licenses],
    bundles: bundles.length === 0 ? null : [...bundles],
    apt: apt.length === 0 || system !== 'linux' ? null : [...new Set(apt)],
    services: services.length === 0 || system !== 'linux' ? null : [...new Set(services)],
    reports: reports === null ? null : [...reports],
    shell: shellOf(group, system),
    checkout: checkout === null ? false : { depth: checkout.depth ?? 'all', submodules: checkout.submodules },
    limits: nonEmpty(withoutNothing({ time: seconds(group.limits.time), silence: seconds(group.limits.silence) })),
    install: commands(group.install),
    test: commands(group.test),
    after: commands(group.after),
    'allow-failure': allowFailure ? true : null,
  });
}

function commands(list: Group['test']): string[] | null {
  return list.length === 0 ? null : list.map(({ value }) => value);
}

function seconds(limit: number | null): string | null {
  return limit === null ? null : `${limit}s`;
}

function nonEmpty(record: Config): Config | null {
  return Object.keys(record).length === 0 ? null : record;
}

function withoutNothing(record: Config): Config {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}
