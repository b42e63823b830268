import { z } from 'zod';
import { type HostDescription, type Logger, PluginError, isPluginError } from '#plugins/api';
import type { ScriptResult } from '#plugins/kit/ssh';
import type { Host } from '#plugins/kit/vm/host';
import type { HostConfig } from './config.ts';
import { ACCESS, ALIVE, DENIED, DESTROY, LIST, MARK_READY, STALE_TEMPLATES, SWEEP_COPIES, SWEEP_SNAPSHOTS, USED } from './scripts.ts';
import { type HostFacts, surveyHost } from './survey.ts';

/** How to get into a machine, and what it was made from; kept with the machine, so that any later process can. */
export const AccessRecord = z.object({
  user: z.string(),
  hostKey: z.string(),
  privateKey: z.string(),
  digest: z.string(),
  system: z.enum(['linux', 'windows']).default('linux'),
  /** Whether the guest's agent can be told things. */
  seeded: z.boolean(),
});
export type AccessRecord = z.infer<typeof AccessRecord>;

/** Machines that make templates begin with this; they are nobody's. */
export const TEMPLATE = 'template-';

/** How long a host that did not answer is left alone before it is asked again. Milliseconds. */
const REST_MS = 5_000;

/** A host with its machines: where they are, and what can be asked about them. */
export class Site {
  readonly host: Host;
  readonly config: HostConfig;
  /** Machines that are on it, as far as is known here: right as long as one process makes them. */
  readonly machines = new Set<string>();
  /** Those of `machines` that are being made now: their folders may not be there yet. */
  readonly making = new Set<string>();
  readonly #tag: (id: string) => string;
  readonly #defaults: { readonly folder: string | null; readonly name: string };
  readonly #logger: Logger;
  readonly #lostMs: number;
  #facts: HostFacts | null = null;
  /** Since when it does not answer. Milliseconds since 1970. */
  #downSince: number | null = null;
  #askedAt = 0;
  #problem: string | null = null;
  #wasListed = false;

  constructor(
    host: Host,
    config: HostConfig,
    parts: {
      readonly tag: (id: string) => string;
      readonly defaults: { readonly folder: string | null; readonly name: string };
      readonly logger: Logger;
      readonly lostMs: number;
    },
  ) {
    this.host = host;
    this.config = config;
    this.#tag = parts.tag;
    this.#defaults = parts.defaults;
    this.#logger = parts.logger;
    this.#lostMs = parts.lostMs;
  }

  /** How many more machines it may have; none while it does not answer. */
  get free(): number {
    return this.isResting ? 0 : this.config.machines - this.machines.size;
  }

  /** It has failed a moment ago: nobody asks it again before it had a rest. */
  get isResting(): boolean {
    return this.#downSince !== null && Date.now() - this.#askedAt < REST_MS;
  }

  /** Whether it is known what is on it: it has answered once. */
  get wasListed(): boolean {
    return this.#wasListed;
  }

  /** It did not answer when it was last asked. */
  get isDown(): boolean {
    return this.#downSince !== null;
  }

  /** It has failed for so long that its machines count as lost. */
  get isDrained(): boolean {
    return this.#downSince !== null && Date.now() - this.#downSince >= this.#lostMs;
  }

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
    this.#facts ??= await this.watch(() => surveyHost(this.host, { ...this.#defaults, ...this.#wishes() }, signal));
    return this.#facts;
  }

  /** KVM runs small things here but not this guest: from now on guests are translated. False if the configuration insists on KVM. */
  abandonKvm(why: string): boolean {
    if (this.#facts?.accelerator !== 'kvm' || this.config.accelerator !== 'auto') return false;
    this.#facts = {
      ...this.#facts,
      accelerator: 'tcg',
      note: `KVM is there but does not run guests (${why}): they are translated, some 10 to 20 times slower`,
    };
    this.#logger.warn('KVM does not run guests here: they are translated', { host: this.config.name, why });
    return true;
  }

  /** The folder of a machine there, absolute. */
  async folderOf(id: string, signal: AbortSignal): Promise<string> {
    return `${(await this.facts(signal)).root}/machines/${id}`;
  }

  tagOf(id: string): string {
    return this.#tag(id);
  }

  /** Runs a script there, and remembers whether the host answers at all. */
  async run(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    return await this.watch(() => this.host.run(script, parameters, signal));
  }

  /** The ids of all machines there, half-made ones included, templates not. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { root } = await this.facts(signal);
    const { exitCode, output, errors } = await this.run(LIST, [`${root}/machines`], signal);
    if (exitCode !== 0) throw new PluginError('unavailable', `Host ${this.config.name} cannot list its machines: ${errors.trim()}`);
    const ids = output.split('\n').filter((id) => id !== '' && !id.startsWith(TEMPLATE));
    this.#wasListed = true;
    for (const id of this.machines) if (!ids.includes(id) && !this.making.has(id)) this.machines.delete(id);
    for (const id of ids) this.machines.add(id);
    return ids;
  }

  /** How to get into a machine; null if it is not there or not made to its end. */
  async access(id: string, signal: AbortSignal): Promise<AccessRecord | null> {
    const { exitCode, output } = await this.run(ACCESS, [await this.folderOf(id, signal)], signal);
    if (exitCode !== 0) return null;
    return AccessRecord.parse(JSON.parse(output));
  }

  /** The machine is made: from now on any process may use it. */
  async finish(id: string, signal: AbortSignal): Promise<void> {
    const { exitCode, errors } = await this.run(MARK_READY, [await this.folderOf(id, signal)], signal);
    if (exitCode !== 0) throw new PluginError('unavailable', `Machine ${id} cannot be marked as made: ${errors.trim()}`);
  }

  /** The digests that machines here were made from, templates left out: one for each machine. */
  async digests(signal: AbortSignal): Promise<readonly string[]> {
    const { root } = await this.facts(signal);
    const { output } = await this.run(USED, [`${root}/machines`], signal);
    return output.split('\n').flatMap((line) => (line === '' ? [] : [AccessRecord.parse(JSON.parse(line)).digest]));
  }

  /** Whether the machine runs and can be got into. */
  async isAlive(id: string, signal: AbortSignal): Promise<boolean> {
    return (await this.run(ALIVE, [this.#tag(id)], signal)).exitCode === 0;
  }

  /** What the machine's namespace counted, as nft says it. `unavailable` if it is gone. */
  async ruleset(id: string, signal: AbortSignal): Promise<string> {
    const { exitCode, output, errors } = await this.run(DENIED, [this.#tag(id)], signal);
    if (exitCode === 0) return output;
    throw new PluginError('unavailable', `The network of machine ${id} cannot be looked at: ${errors.trim().slice(0, 500) || 'it is gone'}.`);
  }

  /** Ends everything of a machine and removes it. Succeeds for what is not there. */
  async destroy(id: string, signal: AbortSignal): Promise<void> {
    const { exitCode, errors } = await this.run(DESTROY, [await this.folderOf(id, signal), this.#tag(id)], signal);
    if (exitCode !== 0) throw new PluginError('unavailable', `Machine ${id} cannot be destroyed yet: ${errors.trim().slice(0, 1000)}`);
    this.machines.delete(id);
  }

  /** Ends templates of processes that are no more. */
  async destroyStale(signal: AbortSignal): Promise<void> {
    const { root } = await this.facts(signal);
    const { output } = await this.run(STALE_TEMPLATES, [`${root}/machines`], signal);
    for (const id of output.split('\n').filter((name) => name.startsWith(TEMPLATE))) await this.destroy(id, signal);
  }

  /** Removes snapshots and copies of images but those of the digests that are still wanted. */
  async sweep(digests: readonly string[], signal: AbortSignal): Promise<void> {
    const { root } = await this.facts(signal);
    await this.run(SWEEP_SNAPSHOTS, [`${root}/snapshots`, ...digests], signal);
    // On this computer the images themselves may be there.
    if (this.config.ssh !== undefined) await this.run(SWEEP_COPIES, [`${root}/images`, ...digests], signal);
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

  #wishes(): { readonly folder: string | null; readonly accelerator: HostConfig['accelerator'] } {
    const { folder, accelerator } = this.config;
    return { accelerator, folder: folder === null ? this.#defaults.folder : `${folder}/${this.#defaults.name}` };
  }

  #note(error: PluginError): void {
    this.#problem = error.message;
    if (error.code !== 'unavailable') return;
    if (this.#downSince === null) this.#logger.warn('a host does not answer', { host: this.config.name, error: error.message });
    this.#downSince ??= Date.now();
  }
}
