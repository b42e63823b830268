import { PluginError, type Session } from '#plugins/api';
import { type SshConnection, SshSession } from '#plugins/kit/ssh';
import { probeMachine } from '#plugins/kit/ssh-interpreters';
import type { HostConfig } from './config.ts';
import type { HostFacts } from './memory.ts';
import { CLAIM_SCRIPT, CLEAN_SCRIPT, LOCATE_SCRIPT, OWNER_SCRIPT, RELEASE_SCRIPT } from './scripts.ts';
import type { HostSystem, Question } from './system.ts';

const SCRIPTS = { owner: OWNER_SCRIPT, claim: CLAIM_SCRIPT, clean: CLEAN_SCRIPT, release: RELEASE_SCRIPT } as const;

/** A host with a POSIX shell. */
export class PosixSystem implements HostSystem {
  readonly #config: HostConfig;

  constructor(config: HostConfig) {
    this.#config = config;
  }

  async ask(connection: SshConnection, question: Question, tag: string, name: string, signal: AbortSignal): Promise<string> {
    const result = await connection.runScript(SCRIPTS[question], [this.#base, tag, name], signal);
    if (result.exitCode === 0) return result.output;
    const why = result.errors.trim().slice(0, 1000) || 'it gives no reason';
    throw new PluginError('rejected', `Host ${this.#config.name} cannot be used: ${why}`);
  }

  async enter(connection: SshConnection, tag: string, name: string, signal: AbortSignal): Promise<Session | null> {
    const { output } = await connection.runScript(LOCATE_SCRIPT, [this.#base, tag, name], signal);
    if (!output.startsWith('/')) return null;
    return await SshSession.open(connection, { folder: output.replace(/\n$/, ''), marker: tag }, signal);
  }

  visit(connection: SshConnection, signal: AbortSignal): Promise<Session> {
    return SshSession.open(connection, { folder: '/', marker: 'terrarium-reset' }, signal);
  }

  async probe(connection: SshConnection, signal: AbortSignal): Promise<HostFacts> {
    const { system, architecture, interpreters } = await probeMachine(connection, signal);
    return { system, systemVersion: null, architecture, interpreters: [...interpreters], toolchains: [] };
  }

  get #base(): string {
    return this.#config.folder ?? '';
  }
}
