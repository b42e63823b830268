import { type ImageDescription, type Interpreter, type Logger, PluginError, type Toolchain, isPluginError } from '#plugins/api';
import type { HostConfig } from './config.ts';
import type { SshHost } from './host.ts';
import type { HostFacts, Memory } from './memory.ts';

interface Described {
  readonly config: HostConfig;
  readonly facts: HostFacts;
  readonly problem: string | null;
}

/** What the hosts are: each is asked once in the life of a process. */
export class Catalogue {
  readonly #memory: Memory;
  readonly #logger: Logger;
  readonly #asked = new Map<string, HostFacts>();

  constructor(memory: Memory, logger: Logger) {
    this.#memory = memory;
    this.#logger = logger;
  }

  /**
   * The images of all hosts that are known. Hosts of one image stand in for each other, so it is described by what all of them have; where
   * they are not even of one system and architecture the image is left out, and the log says so.
   */
  async images(hosts: readonly SshHost[], signal: AbortSignal): Promise<ImageDescription[]> {
    const known = (await Promise.all(hosts.map((host) => this.#learn(host, signal)))).filter((one) => one !== null);
    const names = [...new Set(known.map((one) => one.config.image))];
    return names.flatMap((image) => {
      const hostsOfImage = known.filter((one) => one.config.image === image);
      if (isOneKind(hostsOfImage)) return [describeImage(image, hostsOfImage)];
      this.#logger.error('hosts of one image differ in system or architecture: give them different images', { image });
      return [];
    });
  }

  /** A host that does not answer is described as it was known before; null if it never answered. */
  async #learn(host: SshHost, signal: AbortSignal): Promise<Described | null> {
    const { config } = host;
    const facts = this.#asked.get(config.name) ?? (await this.#ask(host, signal));
    const record = await this.#memory.of(config.name);
    const known = facts ?? record.facts;
    return known === null ? null : { config, facts: known, problem: record.problem };
  }

  async #ask(host: SshHost, signal: AbortSignal): Promise<HostFacts | null> {
    const { name } = host.config;
    try {
      const facts = await host.probe(signal);
      this.#asked.set(name, facts);
      await this.#memory.note(name, { facts });
      return facts;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isPluginError(error)) throw new PluginError('unavailable', `Host ${name} cannot be described.`, { cause: error });
      this.#logger.warn('a host cannot be asked what it has', { host: name, error: error.message });
      return null;
    }
  }
}

function isOneKind(hosts: readonly Described[]): boolean {
  return new Set(hosts.map(({ facts }) => `${facts.system} ${facts.architecture}`)).size === 1;
}

function describeImage(image: string, hosts: readonly Described[]): ImageDescription {
  const [first] = hosts;
  return {
    image,
    system: first?.facts.system ?? '',
    systemVersion: commonVersion(hosts),
    architecture: first?.facts.architecture ?? '',
    isolation: hosts.every(({ config }) => config.isolation === 'vm') ? 'vm' : 'none',
    isolationNote: hosts.map(noteOf).join(' '),
    digest: null,
    interpreters: commonTo(hosts.map(({ facts }) => facts.interpreters)),
    toolchains: commonTo(hosts.map(({ facts }) => facts.toolchains)),
  };
}

/** Null where they differ: a job may meet either. */
function commonVersion(hosts: readonly Described[]): string | null {
  const [version = null, ...others] = new Set(hosts.map(({ facts }) => facts.systemVersion));
  return others.length === 0 ? version : null;
}

function commonTo<One extends Interpreter | Toolchain>(lists: readonly (readonly One[])[]): One[] {
  const [first = [], ...others] = lists;
  const same = (one: One, other: One): boolean => one.name === other.name && one.path === other.path && one.version === other.version;
  return first.filter((one) => others.every((list) => list.some((other) => same(one, other))));
}

function noteOf({ config, problem }: Described): string {
  const note = `${config.name}: ${isolationOf(config)}`;
  return problem === null ? note : `${note} ${problem}`;
}

function isolationOf(config: HostConfig): string {
  if (config.isolation === 'vm') return 'a virtual machine for one job at a time, restored from its snapshot after each.';
  const shared = `one job at a time runs as ${config.user} directly on the host and can do all that this user can.`;
  if (config.reset !== null) return `${shared} A reset of the administrator's runs after each job.`;
  return `${shared} After each job its processes and its folder are removed; what it changed elsewhere stays.`;
}
