import { type Logger, type PluginError, isPluginError } from '#plugins/api';
import type { Ownership, SshHost } from './host.ts';
import type { Memory } from './memory.ts';
import { idOf } from './names.ts';

/** Asks the hosts whose they are, and keeps the memory right. */
export class Survey {
  readonly #hosts: readonly SshHost[];
  readonly #memory: Memory;
  readonly #installation: string;
  readonly #logger: Logger;
  /** What was last said about a host that could not be used, so that it is said once. */
  readonly #silent = new Map<string, string>();
  readonly #asked = new Set<SshHost>();

  constructor(hosts: readonly SshHost[], memory: Memory, installation: string, logger: Logger) {
    this.#hosts = hosts;
    this.#memory = memory;
    this.#installation = installation;
    this.#logger = logger;
  }

  /** Asks every host; in their order, null or why one cannot be asked. */
  async lookAtAll(signal: AbortSignal): Promise<(PluginError | null)[]> {
    return Promise.all(this.#hosts.map((host) => this.#look(host, signal)));
  }

  /** The host that is known to have the machine, after every host was asked once in the life of this process: an earlier one may have made it. */
  async recall(id: string, signal: AbortSignal): Promise<SshHost | null> {
    const strangers = this.#hosts.filter((host) => !this.#asked.has(host));
    await Promise.all(strangers.map((host) => this.#look(host, signal)));
    return this.#known(id);
  }

  /** The host that has the machine; where it is not known every host is asked, because another process may have made it meanwhile. */
  async find(id: string, signal: AbortSignal): Promise<SshHost | null> {
    const known = await this.#known(id);
    if (known !== null) return known;
    await this.lookAtAll(signal);
    return this.#known(id);
  }

  /** The hosts with those last that could not be used the last time: nobody waits for them who need not. */
  bestFirst(hosts: readonly SshHost[]): SshHost[] {
    const silence = (host: SshHost): number => (this.#silent.has(host.config.name) ? 1 : 0);
    return [...hosts].sort((one, other) => silence(one) - silence(other));
  }

  /** The host has just been used. */
  trust(host: SshHost): void {
    this.#silent.delete(host.config.name);
  }

  /** The host could not be used; logged once for each reason. */
  distrust(host: SshHost, error: PluginError): void {
    const { name } = host.config;
    if (this.#silent.get(name) !== error.message) this.#logger.warn('a host cannot be used', { host: name, error: error.message });
    this.#silent.set(name, error.message);
  }

  async #known(id: string): Promise<SshHost | null> {
    const name = await this.#memory.hostOf(id);
    return this.#hosts.find((host) => host.config.name === name) ?? null;
  }

  /** Remembers the answer; an error is the answer of a host that cannot be asked, and changes nothing. */
  async #look(host: SshHost, signal: AbortSignal): Promise<PluginError | null> {
    const { name } = host.config;
    const before = await this.#memory.of(name);
    try {
      const answer = await host.ownership(signal);
      this.#asked.add(host);
      this.trust(host);
      // What we have done to the host meanwhile is newer than its answer.
      if ((await this.#memory.of(name)) === before) await this.#note(name, answer, before.problem);
      return null;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isPluginError(error)) throw error;
      this.#asked.add(host);
      this.distrust(host, error);
      return error;
    }
  }

  async #note(name: string, answer: Ownership, problem: string | null): Promise<void> {
    const id = answer.state === 'free' ? null : idOf(this.#installation, answer.tag);
    const dirty = answer.state === 'dirty' ? (problem ?? 'It is being reset, or its reset was interrupted.') : null;
    await this.#memory.note(name, { id, problem: dirty });
  }
}
