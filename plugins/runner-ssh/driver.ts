import { type Extension, type ImageDescription, type PluginContext, PluginError, type RunnerDriver, type Session, isPluginError } from '#plugins/api';
import type { SshRunnerConfig } from './config.ts';
import { Catalogue } from './describe.ts';
import { type Ownership, SshHost } from './host.ts';
import { Memory } from './memory.ts';
import { encodeName, idOf, tagOf } from './names.ts';
import { Turns } from './turns.ts';

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
  /** What was last said about a host that could not be asked, so that it is said once. */
  readonly #silent = new Map<string, string>();
  readonly #asked = new Set<SshHost>();
  readonly #hostTurns = new Turns();
  readonly #idTurns = new Turns();

  constructor(context: PluginContext<SshRunnerConfig>) {
    this.#context = context;
    this.#hosts = context.config.hosts.map((host) => new SshHost(host, context.folder));
    this.#memory = new Memory(context.store);
    this.#catalogue = new Catalogue(this.#memory, context.logger);
  }

  /** Reads what was known. Hosts are not asked: one that is switched off must not stop the server. */
  async init(): Promise<void> {
    await this.#memory.open(this.#hosts.map((host) => host.config.name));
  }

  /** `unavailable`, naming every host that cannot be reached or was not reset, and why. */
  async check(signal: AbortSignal): Promise<void> {
    const answers = await Promise.all(this.#hosts.map((host) => this.#look(host, signal)));
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

  async create(machine: { readonly id: string; readonly image: string }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { id, image } = machine;
    const fitting = this.#hosts.filter((host) => host.config.image === image);
    if (fitting.length === 0) throw new PluginError('not-found', `${this.#context.name} has no image ${image}: no host has it.`);
    await this.#idTurns.take(id, () => this.#place(id, fitting, signal));
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    await this.#idTurns.take(id, async () => {
      const host = await this.#find(id, signal);
      if (host !== null) await this.#hostTurns.take(host.config.name, () => this.#end(host, id, signal));
    });
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    await Promise.all(this.#hosts.map((host) => this.#look(host, signal)));
    signal.throwIfAborted();
    const records = await Promise.all(this.#hosts.map((host) => this.#memory.of(host.config.name)));
    return records.flatMap((record) => (record.id === null ? [] : [record.id]));
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    const host = await this.#find(id, signal);
    if (host === null) throw new PluginError('unavailable', `There is no machine ${id} on any host of ${this.#context.name}.`);
    return host.connect(this.#tag(id), encodeName(id), signal);
  }

  /** Finds a host for the machine. The one that has it comes first, and if that one cannot be asked no other may be taken. */
  async #place(id: string, fitting: readonly SshHost[], signal: AbortSignal): Promise<void> {
    const known = await this.#recall(id, signal);
    const others = fitting.filter((host) => host !== known).sort((one, other) => this.#silence(one) - this.#silence(other));
    const refusals: Refusal[] = [];
    for (const host of known === null ? others : [known, ...others]) {
      const refusal = await this.#hostTurns.take(host.config.name, () => this.#take(host, id, host === known, signal));
      if (refusal === null) return;
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
      this.#silent.delete(name);
      return null;
    } catch (error) {
      if (!existed) await this.#undo(host, id);
      if (signal.aborted) throw signal.reason;
      if (!isPluginError(error)) throw error;
      this.#noteSilence(host, error);
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

  /** 1 for a host that could not be asked the last time, so that it comes last and nobody waits for it who need not. */
  #silence(host: SshHost): number {
    return this.#silent.has(host.config.name) ? 1 : 0;
  }

  /** The host that is known to have the machine, after every host was asked once in the life of this process: an earlier one may have made it. */
  async #recall(id: string, signal: AbortSignal): Promise<SshHost | null> {
    const strangers = this.#hosts.filter((host) => !this.#asked.has(host));
    await Promise.all(strangers.map((host) => this.#look(host, signal)));
    const name = await this.#memory.hostOf(id);
    return this.#hosts.find((host) => host.config.name === name) ?? null;
  }

  /** The host that has the machine; where it is not known every host is asked, because another process may have made it meanwhile. */
  async #find(id: string, signal: AbortSignal): Promise<SshHost | null> {
    const known = await this.#memory.hostOf(id);
    if (known === null) await this.list(signal);
    const name = known ?? (await this.#memory.hostOf(id));
    return this.#hosts.find((host) => host.config.name === name) ?? null;
  }

  /** Asks a host whose it is and remembers the answer; an error is the answer of one that cannot be asked, and changes nothing. */
  async #look(host: SshHost, signal: AbortSignal): Promise<PluginError | null> {
    const { name } = host.config;
    const before = await this.#memory.of(name);
    try {
      const answer = await host.ownership(signal);
      this.#asked.add(host);
      this.#silent.delete(name);
      // What we have done to the host meanwhile is newer than its answer.
      if ((await this.#memory.of(name)) === before) await this.#note(name, answer, before.problem);
      return null;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isPluginError(error)) throw error;
      this.#asked.add(host);
      this.#noteSilence(host, error);
      return error;
    }
  }

  #noteSilence(host: SshHost, error: PluginError): void {
    const { name } = host.config;
    if (this.#silent.get(name) !== error.message) this.#context.logger.warn('a host cannot be used', { host: name, error: error.message });
    this.#silent.set(name, error.message);
  }

  async #note(name: string, answer: Ownership, problem: string | null): Promise<void> {
    const id = answer.state === 'free' ? null : idOf(this.#context.installation, answer.tag);
    const dirty = answer.state === 'dirty' ? (problem ?? 'It is being reset, or its reset was interrupted.') : null;
    await this.#memory.note(name, { id, problem: dirty });
  }

  #tag(id: string): string {
    return tagOf(this.#context.installation, id);
  }
}
