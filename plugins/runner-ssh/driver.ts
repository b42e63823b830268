import {
  type Extension,
  type ImageDescription,
  type MachineOrigin,
  type MachineRequest,
  type PluginContext,
  PluginError,
  type RunnerDriver,
  type Session,
  isPluginError,
} from '#plugins/api';
import type { HostConfig, SshRunnerConfig } from './config.ts';
import { Catalogue } from './describe.ts';
import { SshHost } from './host.ts';
import { Memory } from './memory.ts';
import { encodeName, idOf, tagOf } from './names.ts';
import { PosixSystem } from './posix.ts';
import { Survey } from './survey.ts';
import type { HostSystem } from './system.ts';
import { WindowsSystem } from './windows.ts';
import { Turns } from '#plugins/kit/turns';

/** How long the clearing up after a failed create may take. Milliseconds. */
const UNDO_MS = 30_000;

/** Why a host was not taken; with the error, where it could not be used at all. */
interface Refusal {
  readonly text: string;
  readonly error: PluginError | null;
}

/**
 * Machines on hosts that are there already, reached over SSH: each configured host is one machine at a time.
 *
 * A host remembers by itself whom it is taken by, so several server processes, and installations, may share it. It is freed only
 * after its reset succeeded; until then it is nobody's, its machine stays listed so that it is destroyed again, and whoever wants a machine
 * tries the reset once more.
 */
export class SshRunner implements RunnerDriver, Extension {
  readonly #context: PluginContext<SshRunnerConfig>;
  readonly #hosts: readonly SshHost[];
  readonly #memory: Memory;
  readonly #catalogue: Catalogue;
  readonly #survey: Survey;
  readonly #hostTurns = new Turns();
  readonly #idTurns = new Turns();

  constructor(context: PluginContext<SshRunnerConfig>) {
    this.#context = context;
    const systemOf = (host: HostConfig): HostSystem => (host.system === 'windows' ? new WindowsSystem(host) : new PosixSystem(host));
    this.#hosts = context.config.hosts.map((host) => new SshHost(host, systemOf(host), context.folder));
    this.#memory = new Memory(context.store);
    this.#catalogue = new Catalogue(this.#memory, context.logger);
    this.#survey = new Survey(this.#hosts, this.#memory, context.installation, context.logger);
  }

  /** Reads what was known. Hosts are not asked: one that is switched off must not stop the server. */
  async init(): Promise<void> {
    await this.#memory.open(this.#hosts.map((host) => host.config.name));
  }

  /** `unavailable`, naming every host that cannot be reached or was not reset, and why. */
  async check(signal: AbortSignal): Promise<void> {
    const answers = await this.#survey.lookAtAll(signal);
    const records = await Promise.all(this.#hosts.map((host) => this.#memory.of(host.config.name)));
    signal.throwIfAborted();
    const problems = this.#hosts.flatMap((host, index) => {
      const problem = answers[index] instanceof PluginError ? answers[index].message : records[index]?.problem;
      return problem === null || problem === undefined ? [] : [`${host.config.name}: ${problem}`];
    });
    if (problems.length > 0) throw new PluginError('unavailable', problems.join('\n'));
  }

  /** Asks every host once in the life of this process; for one that does not answer what was known before counts. */
  async describe(signal: AbortSignal): Promise<readonly ImageDescription[]> {
    return this.#catalogue.images(this.#hosts, signal);
  }

  async create(machine: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    signal.throwIfAborted();
    const { id, image } = machine;
    const fitting = this.#hosts.filter((host) => host.config.image === image);
    if (fitting.length === 0) throw new PluginError('not-found', `${this.#context.name} has no image ${image}: no host has it.`);
    const host = await this.#idTurns.take(id, () => this.#place(id, fitting, signal));
    return { host: host.config.name, digest: null };
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    await this.#idTurns.take(id, async () => {
      const host = await this.#survey.find(id, signal);
      if (host !== null) await this.#hostTurns.take(host.config.name, () => this.#end(host, id, signal));
    });
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    await this.#survey.lookAtAll(signal);
    signal.throwIfAborted();
    const records = await Promise.all(this.#hosts.map((host) => this.#memory.of(host.config.name)));
    return records.flatMap((record) => (record.id === null ? [] : [record.id]));
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    const host = await this.#survey.find(id, signal);
    if (host === null) throw new PluginError('unavailable', `There is no machine ${id} on any host of ${this.#context.name}.`);
    return host.connect(this.#tag(id), encodeName(id), signal);
  }

  /** Finds a host for the machine. The one that has it comes first, and if that one cannot be asked no other may be taken. */
  async #place(id: string, fitting: readonly SshHost[], signal: AbortSignal): Promise<SshHost> {
    const known = await this.#survey.recall(id, signal);
    const others = this.#survey.bestFirst(fitting.filter((host) => host !== known));
    const refusals: Refusal[] = [];
    for (const host of known === null ? others : [known, ...others]) {
      const refusal = await this.#hostTurns.take(host.config.name, () => this.#take(host, id, host === known, signal));
      if (refusal === null) return host;
      if (refusal.error !== null && host === known) throw refusal.error;
      refusals.push(refusal);
    }
    const [first] = refusals;
    if (first?.error && refusals.every((refusal) => refusal.error !== null)) throw first.error;
    throw new PluginError('exhausted', `No host is free. ${refusals.map((refusal) => refusal.text).join(' ')}`);
  }

  /** Makes the host this machine's, or says why it cannot be. A machine that was there before stays as it is if that fails. */
  async #take(host: SshHost, id: string, existed: boolean, signal: AbortSignal): Promise<Refusal | null> {
    const { name } = host.config;
    try {
      if (!(await this.#claim(host, id, signal))) return { text: `${name} is in use.`, error: null };
      signal.throwIfAborted();
      await this.#memory.note(name, { id, problem: null });
      this.#survey.trust(host);
      return null;
    } catch (error) {
      if (!existed) await this.#undo(host, id);
      if (signal.aborted) throw signal.reason;
      if (!isPluginError(error)) throw error;
      this.#survey.distrust(host, error);
      return { text: `${name}: ${error.message}`, error };
    }
  }

  /** Whether the host is this machine's now. One of ours that waits for its reset gets it first. */
  async #claim(host: SshHost, id: string, signal: AbortSignal): Promise<boolean> {
    const claim = (): ReturnType<SshHost['claim']> => host.claim(this.#tag(id), encodeName(id), signal);
    const answer = await claim();
    const left = answer.state === 'dirty' ? idOf(this.#context.installation, answer.tag) : null;
    if (left === null) return answer.state === 'mine';
    await this.#end(host, left, signal);
    return (await claim()).state === 'mine';
  }

  /** Nothing may stay of a create that failed. Where even that fails, the host still names the machine, and `list` shows it. */
  async #undo(host: SshHost, id: string): Promise<void> {
    const signal = AbortSignal.timeout(UNDO_MS);
    try {
      await host.undo(this.#tag(id), encodeName(id), signal);
    } catch (error) {
      this.#context.logger.warn('a failed create could not be undone yet', { host: host.config.name, id, error: String(error) });
    }
  }

  async #end(host: SshHost, id: string, signal: AbortSignal): Promise<void> {
    const { name } = host.config;
    try {
      await host.end(this.#tag(id), encodeName(id), signal);
      await this.#memory.note(name, { id: null, problem: null });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const text = error instanceof Error ? error.message : String(error);
      const problem = `It is not used until it is reset after machine ${id}: ${text}`;
      await this.#memory.note(name, { id, problem });
      this.#context.logger.warn('a host could not be reset', { host: name, id, problem });
      throw new PluginError('unavailable', `Machine ${id} on host ${name} is not destroyed. ${problem}`, { cause: error });
    }
  }

  #tag(id: string): string {
    return tagOf(this.#context.installation, id);
  }
}
