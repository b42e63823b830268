import { setTimeout as pause } from 'node:timers/promises';
import { PluginError, type Session, isPluginError } from '#plugins/api';
import { type SshTarget, SshConnection } from '#plugins/kit/ssh';
import type { HostConfig } from './config.ts';
import type { HostFacts } from './memory.ts';
import { resetOnHost, resetOnServer } from './reset.ts';
import type { HostSystem, Question } from './system.ts';
import { targetOf } from './target.ts';

/** Whose a host is. `dirty`: a machine is being destroyed, or its host could not be reset. The tag may be another installation's. */
export type Ownership = { readonly state: 'free' } | { readonly state: 'taken' | 'dirty'; readonly tag: string };

const OWNERSHIP = /^(taken|dirty) (.*)\n$/;

/** How long to wait between two attempts to reach a host that is coming back. Milliseconds. */
const COMES_BACK_MS = 1_000;

/** One configured host: what is done on it, one connection each time. What it remembers is on the host itself. */
export class SshHost {
  readonly config: HostConfig;
  readonly #system: HostSystem;
  /** For resets that run here. */
  readonly #folder: string;

  constructor(config: HostConfig, system: HostSystem, folder: string) {
    this.config = config;
    this.#system = system;
    this.#folder = folder;
  }

  /** Whose it is now. */
  async ownership(signal: AbortSignal): Promise<Ownership> {
    return this.#ownershipOf(await this.#ask('owner', '', '', signal));
  }

  /** Takes it for a machine and makes the machine's folder; whoever has it already keeps it. `mine` if it is this machine's now. */
  async claim(tag: string, name: string, signal: AbortSignal): Promise<Ownership | { readonly state: 'mine' }> {
    const answer = await this.#ask('claim', tag, name, signal);
    return answer === 'mine\n' ? { state: 'mine' } : this.#ownershipOf(answer);
  }

  /** Opens a session; `unavailable` if the machine is not here. */
  async connect(tag: string, name: string, signal: AbortSignal): Promise<Session> {
    const connection = await this.#open(signal);
    try {
      const session = await this.#system.enter(connection, tag, name, signal);
      if (session === null) throw new PluginError('unavailable', `The machine is not on host ${this.config.name} any more.`);
      return session;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Undoes a claim on which nothing has run: the host is as it was and needs no reset. Does nothing if the machine does not have it.
   */
  async undo(tag: string, name: string, signal: AbortSignal): Promise<void> {
    await this.#ask('clean', tag, name, signal);
    await this.#ask('release', tag, name, signal);
  }

  /**
   * Ends the machine: kills what it left, removes its folder, resets the host and only then frees it. Throws if any of it fails; the host
   * stays the machine's then, and the call may be repeated. Does nothing if the machine does not have the host.
   */
  async end(tag: string, name: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#clean(tag, name, signal))) return;
    const limit = AbortSignal.timeout(this.config.resetSeconds * 1000);
    const either = AbortSignal.any([signal, limit]);
    try {
      await this.#reset(either);
      await this.#released(tag, name, either);
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error;
      throw new PluginError('unavailable', `Host ${this.config.name} was not reset within ${this.config.resetSeconds} seconds.`, { cause: error });
    }
  }

  /** What it is and which interpreters it has. */
  async probe(signal: AbortSignal): Promise<HostFacts> {
    return this.#with(signal, (connection) => this.#system.probe(connection, signal));
  }

  /** Whether there is something to reset. A virtual machine that a job has made unreachable is put right by its snapshot. */
  async #clean(tag: string, name: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#ask('clean', tag, name, signal)) !== 'other\n';
    } catch (error) {
      const restorable = this.config.isolation === 'vm' && this.config.resetOn === 'server';
      if (restorable && isPluginError(error, 'unavailable')) return true;
      throw error;
    }
  }

  async #reset(signal: AbortSignal): Promise<void> {
    const { reset, resetOn } = this.config;
    if (reset === null) return;
    if (resetOn === 'server') await resetOnServer(reset, this.#folder, signal);
    else await this.#with(signal, async (connection) => resetOnHost(await this.#system.visit(connection, signal), reset, signal));
  }

  /** After a reset from here the host may be starting: it is waited for, as long as `signal` lets us. */
  async #released(tag: string, name: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#ask('release', tag, name, signal);
        return;
      } catch (error) {
        if (this.config.resetOn === 'host' || !isPluginError(error, 'unavailable')) throw error;
        await pause(COMES_BACK_MS, undefined, { signal });
      }
    }
  }

  #ask(question: Question, tag: string, name: string, signal: AbortSignal): Promise<string> {
    return this.#with(signal, (connection) => this.#system.ask(connection, question, tag, name, signal));
  }

  async #with<Result>(signal: AbortSignal, use: (connection: SshConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#open(signal);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }

  async #open(signal: AbortSignal): Promise<SshConnection> {
    const target: SshTarget = await targetOf(this.config);
    return SshConnection.open(target, signal);
  }

  #ownershipOf(answer: string): Ownership {
    if (answer === 'free\n') return { state: 'free' };
    const [, state, tag] = OWNERSHIP.exec(answer) ?? [];
    if ((state === 'taken' || state === 'dirty') && tag !== undefined) return { state, tag };
    throw new PluginError(
      'rejected',
      `Host ${this.config.name} gives a strange answer: ${JSON.stringify(answer.slice(0, 200))}. Are its shell's start files silent?`,
    );
  }
}
