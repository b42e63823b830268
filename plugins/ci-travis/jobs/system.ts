import { type JobSpec, PackageName, ServiceName } from '#plugins/api';
import type { MessageLog } from '../document/messages.ts';
import type { Json, JsonObject } from '../document/value.ts';
import { isBlank, isObject, wrap } from '../expand/json.ts';

type Wishes = Pick<JobSpec, 'apt' | 'services'>;

/** Addons that stand for a server, whose value is a version of it. */
const SERVER_ADDONS: readonly ServiceName[] = ['postgresql', 'mariadb'];
/** Addons of which something is done. */
const DONE = new Set<string>(['apt', 'apt_packages', ...SERVER_ADDONS]);

/** The packages that a job's `addons` install and the servers that its `services` start, as far as that is done here; of the rest it is said that it is not. */
export function systemWishes(job: JsonObject, log: MessageLog): Wishes {
  const addons = isObject(job['addons']) ? job['addons'] : {};
  if (job['os'] !== 'linux') return nothing(job, log);
  sayOfAddons(addons, log);
  const apt = packagesOf(addons, log);
  const services = [...new Set([...servicesOf(job, log), ...serversOf(addons, log)])];
  return { ...(apt.length === 0 ? {} : { apt }), ...(services.length === 0 ? {} : { services }) };
}

function nothing(job: JsonObject, log: MessageLog): Wishes {
  if (!isBlank(job['services'])) log.info(['services'], `services are started on Linux only, not on ${textOf(job['os'])}`);
  if (!isBlank(job['addons'])) log.info(['addons'], `addons are set up on Linux only, not on ${textOf(job['os'])}`);
  return {};
}

function sayOfAddons(addons: JsonObject, log: MessageLog): void {
  const others = Object.keys(addons).filter((key) => !DONE.has(key) && !isBlank(addons[key]));
  for (const key of others) log.info(['addons', key], `the addon ${key} is not set up: the image must have what it installs`);
  const apt = isObject(addons['apt']) ? addons['apt'] : {};
  if (!isBlank(apt['sources']))
    log.info(['addons', 'apt', 'sources'], 'further sources of packages are not added: packages are those of the machine and its release');
}

function packagesOf(addons: JsonObject, log: MessageLog): string[] {
  const apt = isObject(addons['apt']) ? addons['apt'] : {};
  const names = [...texts(apt['packages']), ...texts(addons['apt_packages'])];
  const isRight = (name: string): boolean => PackageName.safeParse(name).success;
  const wrong = names.filter((name) => !isRight(name));
  for (const name of wrong) log.warning(['addons', 'apt'], `${JSON.stringify(name)} is left out: it is no name of a package that apt could install`);
  return [...new Set(names.filter(isRight))];
}

function servicesOf(job: JsonObject, log: MessageLog): ServiceName[] {
  return texts(job['services']).flatMap((name) => {
    const known = ServiceName.safeParse(name);
    if (!known.success) log.warning(['services'], `${JSON.stringify(name)} is not started: known are ${ServiceName.options.join(', ')}`);
    return known.success ? [known.data] : [];
  });
}

function serversOf(addons: JsonObject, log: MessageLog): ServiceName[] {
  return SERVER_ADDONS.filter((name) => {
    if (isBlank(addons[name])) return false;
    log.info(['addons', name], `${name} is started in the version that the machine has, not ${textOf(addons[name])}`);
    return true;
  });
}

function texts(value: Json | undefined): string[] {
  return wrap(value ?? []).filter((one) => typeof one === 'string');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
