import { type HostDescription, type Logger, PluginError, isPluginError } from '#plugins/api';
import type { ScriptResult } from '#plugins/kit/ssh';
import type { Host } from '#plugins/kit/vm/host';
import type { HostConfig } from './config.ts';
import { NAMESPACE, type Tag, machinePrefix } from './domain.ts';
import { DESTROY, LIST, PRUNE, STATE, STUCK, USED } from './scripts.ts';
import { type HostFacts, surveyHost } from './survey.ts';

/** What may name a machine: it is part of a domain's and a folder's name. */
export const MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/;

/** How long a host that did not answer is left alone before it is asked again. Milliseconds. */
const REST_MS = 5_000;

/** What a site shares with the others of its instance. */
export interface SiteParts {
  readonly tag: Tag;
  readonly logger: Logger;
  /** After how long without an answer its machines count as lost. Milliseconds. */
  readonly lostMs: number;
}

/** A host with its libvirt: what is there, what can be asked, and how it stands. */
export class Site {
  readonly host: Host;
  readonly config: HostConfig;
  readonly tag: Tag;
  /** Machines that are being made there now: they take room before the host knows of them. */
  readonly #making = new Set<string>();
  #found: ReadonlySet<string> = new Set();
  readonly #logger: Logger;
  readonly #lostMs: number;
  #facts: HostFacts | null = null;
  /** Since when it does not answer. Milliseconds since 1970. */
  #downSince: number | null = null;
  #askedAt = 0;
  #problem: string | null = null;

  constructor(host: Host, config: HostConfig, { tag, logger, lostMs }: SiteParts) {
    this.host = host;
    this.config = config;
    this.tag = tag;
    this.#logger = logger;
    this.#lostMs = lostMs;
  }

  /** Machines that are on it or being made there, as far as is known here. */
  get machines(): ReadonlySet<string> {
    return new Set([...this.#found, ...this.#making]);
  }

  /** How many more machines it may have; none while it does not answer. */
  get free(): number {
    return this.isResting ? 0 : this.config.machines - this.machines.size;
  }

  /** It has failed a moment ago: nobody waits for it again before it had a rest. */
  get isResting(): boolean {
    return this.#downSince !== null && Date.now() - this.#askedAt < REST_MS;
  }

  /** It has failed for so long that its machines count as lost. */
  get isDrained(): boolean {
    return this.#downSince !== null && Date.now() - this.#downSince >= this.#lostMs;
  }

  /** How it stands, without asking it. */
  describe(): HostDescription {
    return {
      name: this.config.name,
      state: this.isDrained ? 'drained' : 'up',
      problem: this.#problem ?? this.#facts?.note ?? null,
      machines: this.machines.size,
      limit: this.config.machines,
      accelerator: this.#facts?.accelerator ?? null,
    };
  }

  /** What the host has; asked once, and again after it failed. */
  async facts(signal: AbortSignal): Promise<HostFacts> {
    const { accelerator, uri, folder } = this.config;
    const wish = { accelerator, uri, folder: `${folder}/${this.tag.mark}`, mark: this.tag.mark };
    this.#facts ??= await this.watch(() => surveyHost(this.host, wish, signal));
    return this.#facts;
  }

  /** The folder of a machine there, absolute. */
  async folderOf(id: string, signal: AbortSignal): Promise<string> {
    return `${(await this.facts(signal)).root}/machines/${id}`;
  }

  nameOf(id: string): string {
    return `${machinePrefix(this.tag.mark)}${id}`;
  }

  /** Runs a script there. `unavailable` where the host or its libvirt does not answer; a script that fails is a result. */
  async run(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    return await this.watch(() => this.host.run(script, parameters, signal));
  }

  /** The same for scripts that talk to libvirt, which gets its URI as the first parameter; that libvirt does not answer is `unavailable`. */
  async ask(script: string, parameters: readonly string[], signal: AbortSignal): Promise<string> {
    return await this.watch(async () => (await this.#script(script, parameters, signal)).output);
  }

  async #script(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    const result = await this.host.run(script, [this.config.uri, ...parameters], signal);
    const { exitCode, errors } = result;
    if (exitCode === 0 || exitCode === STUCK) return result;
    throw new PluginError('unavailable', `libvirt on host ${this.config.name} fails: ${errors.trim().slice(0, 1000) || `exit code ${exitCode}`}`);
  }

  /** The ids of all machines there, half-made ones included: domains and folders. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { root } = await this.facts(signal);
    const output = await this.ask(LIST, [root, machinePrefix(this.tag.mark)], signal);
    const ids = new Set(output.split('\n').flatMap((line) => idOf(line)));
    this.#found = ids;
    return [...ids];
  }

  /** Whether the machine's domain is there and not about to end. */
  async isAlive(id: string, signal: AbortSignal): Promise<boolean> {
    const state = (await this.ask(STATE, [this.nameOf(id)], signal)).trim();
    return state === 'running' || state === 'paused' || state === 'idle' || state === 'no state';
  }

  /** Ends everything of a machine and removes it. Succeeds for what is not there; `unavailable` if libvirt cannot end it now. */
  async destroy(id: string, signal: AbortSignal): Promise<void> {
    await this.end(this.nameOf(id), await this.folderOf(id, signal), signal);
    this.#found = new Set([...this.#found].filter((one) => one !== id));
  }

  /** Does `work`, which makes a machine, with room kept for it. */
  async making<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    this.#making.add(id);
    try {
      const result = await work();
      this.#found = new Set([...this.#found, id]);
      return result;
    } finally {
      this.#making.delete(id);
    }
  }

  /** The same for a domain of ours with a folder. */
  async end(name: string, folder: string, signal: AbortSignal): Promise<void> {
    const { exitCode, errors } = await this.watch(() => this.#script(DESTROY, [name, folder, NAMESPACE, this.tag.mark], signal));
    if (exitCode !== 0)
      throw new PluginError('unavailable', `The domain ${name} on host ${this.config.name} cannot be ended: ${errors.trim().slice(0, 1000)}`);
  }

  /** The digests of the images that machines there were made from; one for each machine. */
  async digests(signal: AbortSignal): Promise<readonly string[]> {
    const { output } = await this.run(USED, [(await this.facts(signal)).root], signal);
    return output.split('\n').flatMap((line) => (line.startsWith('images/') ? [line.slice('images/'.length)] : []));
  }

  /** Removes templates and copies of images that are neither wanted nor used. */
  async prune(wanted: readonly string[], signal: AbortSignal): Promise<void> {
    const { root } = await this.facts(signal);
    const { exitCode, errors } = await this.run(PRUNE, [root, ...wanted.map((digest) => `images/${digest}`)], signal);
    if (exitCode !== 0) this.#logger.warn('old images could not be removed', { host: this.config.name, error: errors.trim().slice(0, 1000) });
  }

  /** Remembers whether the host answers: `unavailable` says that it does not. */
  async watch<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#askedAt = Date.now();
    try {
      const result = await work();
      if (this.#downSince !== null) this.#logger.info('a host answers again', { host: this.config.name });
      this.#downSince = null;
      this.#problem = null;
      return result;
    } catch (error) {
      if (isPluginError(error)) this.#note(error);
      throw error;
    }
  }

  #note(error: PluginError): void {
    this.#problem = error.message;
    if (error.code !== 'unavailable') return;
    if (this.#downSince === null) this.#logger.warn('a host does not answer', { host: this.config.name, error: error.message });
    this.#downSince ??= Date.now();
    // It may be another libvirt or QEMU when it comes back.
    this.#facts = null;
  }
}

/** Of a line of `LIST`. What begins like a domain of ours and is none names no machine. */
function idOf(line: string): string[] {
  const [, id = ''] = /^(?:domain|folder) (.*)$/.exec(line) ?? [];
  return MACHINE_ID.test(id) ? [id] : [];
}
