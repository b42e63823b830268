import type { AgentPhase } from '#agents/api';
import type { JobSpec, ServiceName } from '#plugins/api';
import { INSTALL, REDIRECT } from './system-scripts.ts';
import { SERVICE_SCRIPTS } from './service-scripts.ts';

/** A command that calls apt. */
const CALLS_APT = /\bapt(-get|itude)?\b/;

/** Where clients look for the servers, as at Travis: PostgreSQL's user is `postgres`, MySQL's `root` or `travis`, all without a password; both have a database `test`. */
const VARIABLES: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>> = {
  postgresql: { PGHOST: 'localhost', PGPORT: '5432', PGUSER: 'postgres' },
  mysql: { MYSQL_HOST: '127.0.0.1', MYSQL_TCP_PORT: '3306', MYSQL_UNIX_PORT: '/tmp/terrarium-mysql.sock' },
  mariadb: { MYSQL_HOST: '127.0.0.1', MYSQL_TCP_PORT: '3306', MYSQL_UNIX_PORT: '/tmp/terrarium-mysql.sock' },
};

type Wishes = Pick<JobSpec, 'apt' | 'services' | 'program'>;

/**
 * What a machine does before the job's own commands: turns apt to the cache of packages, installs what the job wants of the system, starts its servers. The scripts are constants;
 * names come to them in variables. Which steps there are depends on the description alone, so that whoever takes a job over counts the same.
 */
export function systemPhases({ apt = [], services = [], program }: Wishes, system: 'posix' | 'windows'): AgentPhase[] {
  const wishes = apt.length > 0 || services.length > 0;
  if (system === 'windows') return wishes ? [refusal()] : [];
  if (!wishes && !callsApt(program)) return [];
  const redirect = { title: 'apt: where packages come from', run: REDIRECT };
  const install = { title: `apt: install ${[...apt, ...services].join(' ')}`, run: INSTALL };
  const starts = services.map((service) => ({ title: `start ${service}`, run: SERVICE_SCRIPTS[service] }));
  return [
    { name: 'packages', when: 'always', onFailure: 'error', commands: wishes ? [redirect, install] : [redirect] },
    ...(starts.length === 0 ? [] : [{ name: 'services', when: 'always' as const, onFailure: 'error' as const, commands: starts }]),
  ];
}

/** What those scripts and the clients of the servers read. */
export function systemVariables({ apt = [], services = [] }: Pick<JobSpec, 'apt' | 'services'>): Record<string, string> {
  return {
    ...(apt.length === 0 ? {} : { TERRARIUM_APT: apt.join(' ') }),
    ...(services.length === 0 ? {} : { TERRARIUM_SERVICES: services.join(' ') }),
    ...Object.assign({}, ...services.map((service) => VARIABLES[service] ?? {})),
  };
}

function callsApt({ phases }: JobSpec['program']): boolean {
  return phases.some(({ commands }) => commands.some(({ run }) => CALLS_APT.test(run)));
}

function refusal(): AgentPhase {
  const run = 'echo Terrarium: apt and services are for Linux. Take them out for jobs on Windows.& exit /b 1';
  return { name: 'packages', when: 'always', onFailure: 'error', commands: [{ title: 'packages and services', run, shell: 'cmd' }] };
}
