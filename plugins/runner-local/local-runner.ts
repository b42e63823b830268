import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import {
  PluginError,
  type Extension,
  type ImageDescription,
  type MachineOrigin,
  type MachineRequest,
  type PluginContext,
  type RunnerDriver,
  type Session,
} from '#plugins/api';
import { Cgroups } from './cgroups.ts';
import type { LocalConfig } from './config.ts';
import { writeHostFiles } from './host-files.ts';
import { findInterpreters, pythonPlaces } from './interpreters.ts';
import { isolationNote } from './isolation-note.ts';
import { LocalSession } from './local-session.ts';
import { MACHINE_MARK, makeFolders, readRecord, writeRecord, type MachineRecord } from './machine-folder.ts';
import { nulSeparated, startSandbox } from './make-machine.ts';
import { Maker } from './maker.ts';
import { hasCode, isAlive, kill, killMarked, nameProcess, waitGone } from './processes.ts';
import { Remover } from './remover.ts';
import { bootTime, sandboxOf, sharedArguments, sharedArgumentsFile, type SandboxHost } from './sandbox.ts';

const IMAGE = 'local';
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Trial machines; no id of a real one begins like this. Each process has its own. */
const TRIALS = '.trial-';
const TRIAL = `${TRIALS}${process.pid}`;
/** Folders of machines that have ended, about to be removed. */
const GONE = '.gone-';
/** systemd's allocation table leaves the numbers from here to 0x7FFFFFFE to whoever wants them. */
const FIRST_UID = 0x70000000;
const UIDS = 0x10000;

/**
 * Machines on this host. A machine is a folder, and in a sandbox the processes of its namespaces; both outlive the server, and any later
 * process that has the instance's folder finds them again.
 */
export class LocalRunner implements RunnerDriver, Extension {
  readonly shells = false;
  readonly #context: PluginContext<LocalConfig>;
  readonly #machines: string;
  readonly #creating = new Map<string, Promise<void>>();
  readonly #places: { readonly executables: string[]; readonly folders: string[] };
  readonly #host: SandboxHost;
  readonly #maker = new Maker();
  readonly #remover = new Remover();
  readonly #removing = new Map<string, Promise<void>>();
  #gone = 0;
  #cgroups: Cgroups | null = null;
  #isolation: 'sandbox' | 'none' = 'none';
  /** Why there is no sandbox. */
  #reason = 'The configuration asks for none.';

  /** A sandbox with a network of its own has no way out of it. */
  get loopback(): 'direct' | undefined {
    return this.#isolation === 'none' || this.#context.config.network === 'host' ? 'direct' : undefined;
  }

  constructor(context: PluginContext<LocalConfig>) {
    this.#context = context;
    this.#machines = join(context.folder, 'machines');
    this.#places = pythonPlaces(context.config.pythons);
    this.#host = { config: context.config, pythons: this.#places.folders, folder: context.folder };
  }

  /** Finds out, by making a machine, what this host can do. */
  async init(signal: AbortSignal): Promise<void> {
    mkdirSync(this.#machines, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#machines).filter((one) => one.startsWith(GONE))) await this.#remover.remove(join(this.#machines, name));
    const { config, installation, name } = this.#context;
    if (config.isolation === 'none') return;
    writeHostFiles(this.#context.folder);
    writeFileSync(sharedArgumentsFile(this.#host), nulSeparated(sharedArguments(this.#host, process.getuid?.() === 0)), { mode: 0o600 });
    const memoryBytes = config.memoryMegabytes === null ? null : config.memoryMegabytes * 1_048_576;
    this.#cgroups = Cgroups.probe(`terrarium-${installation}-${name}`, { processes: config.processes, memoryBytes });
    this.#isolation = 'sandbox';
    try {
      await this.#clearTrials(signal);
      await this.#trial(signal);
    } catch (error) {
      this.#fallBack(error);
    }
  }

  /** Makes a machine and runs a command in it. */
  async check(signal: AbortSignal): Promise<void> {
    await this.#trial(signal);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#creating.values());
    await Promise.allSettled(this.#removing.values());
    this.#maker.close();
    this.#remover.close();
    this.#cgroups?.close();
  }

  async describe(signal: AbortSignal): Promise<readonly ImageDescription[]> {
    const { config, store, logger } = this.#context;
    const interpreters = await findInterpreters(this.#places.executables, store, logger, signal);
    const system = process.platform === 'darwin' ? 'macos' : process.platform;
    return [
      {
        image: IMAGE,
        system,
        architecture: machine(),
        isolation: this.#isolation,
        systemVersion: null,
        toolchains: [],
        isolationNote: isolationNote(config, this.#isolation, this.#cgroups?.describes ?? [], this.#reason),
        interpreters,
        digest: null,
      },
    ];
  }

  async create(wanted: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    signal.throwIfAborted();
    if (wanted.image !== IMAGE) throw new PluginError('not-found', `There is no image ${wanted.image}; this driver has one, ${IMAGE}.`);
    if (!ID.test(wanted.id)) throw new PluginError('invalid', `${JSON.stringify(wanted.id)} cannot name a machine.`);
    const creating = this.#creating.get(wanted.id) ?? this.#make(wanted.id, signal).finally(() => this.#creating.delete(wanted.id));
    this.#creating.set(wanted.id, creating);
    await creating;
    return { host: null, digest: null };
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!ID.test(id)) return;
    await Promise.allSettled([this.#creating.get(id)]);
    await this.#remove(id, signal);
  }

  async list(): Promise<readonly string[]> {
    const ids = new Set([...readdirSync(this.#machines), ...(this.#cgroups?.list() ?? [])]);
    return [...ids].filter((id) => !id.startsWith(TRIALS) && !id.startsWith(GONE));
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    if (!ID.test(id)) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return this.#session(id);
  }

  /** A sandbox whose first process has ended never comes back: the job killed all it could. */
  async isLost(id: string): Promise<boolean> {
    const record = ID.test(id) ? readRecord(join(this.#machines, id)) : null;
    return record !== null && !runs(record);
  }

  #session(id: string): Session {
    const folder = join(this.#machines, id);
    const record = readRecord(folder);
    if (record === null || !runs(record)) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return new LocalSession(folder, record, this.#environment(id));
  }

  async #trial(signal: AbortSignal): Promise<void> {
    try {
      await this.#make(TRIAL, signal);
      const session = this.#session(TRIAL);
      const { exitCode } = await session.exec(['true'], { signal });
      if (exitCode !== 0) throw new PluginError('unavailable', 'A command in the sandbox failed.');
    } finally {
      await this.#remove(TRIAL, new AbortController().signal);
    }
  }

  /** Trials that processes have left which were killed meanwhile. */
  async #clearTrials(signal: AbortSignal): Promise<void> {
    const left = readdirSync(this.#machines).filter((id) => id.startsWith(TRIALS) && nameProcess(Number(id.slice(TRIALS.length))) === null);
    for (const id of left) await this.#remove(id, signal);
  }

  #fallBack(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (this.#context.config.isolation === 'sandbox')
      throw new PluginError('unsupported', `This host cannot make sandboxes: ${why}`, { cause: error });
    this.#isolation = 'none';
    this.#reason = `This host cannot make sandboxes: ${why}`;
    this.#context.logger.warn('Jobs run without isolation.', { reason: this.#reason });
  }

  async #make(id: string, signal: AbortSignal): Promise<void> {
    const folder = join(this.#machines, id);
    if (existsSync(folder)) {
      const record = readRecord(folder);
      if (record !== null && runs(record)) return;
      if (record !== null) throw new PluginError('unavailable', `The machine ${id} was there and has ended; destroy it.`);
      await this.#remove(id, signal);
    }
    try {
      await this.#build(id, folder, signal);
    } catch (error) {
      await this.#remove(id, new AbortController().signal);
      throw error;
    }
  }

  async #build(id: string, folder: string, signal: AbortSignal): Promise<void> {
    const uid = this.#isolation === 'sandbox' && process.getuid?.() === 0 ? FIRST_UID + Math.floor(Math.random() * UIDS) : null;
    makeFolders(folder, uid);
    const record: MachineRecord = { isolation: this.#isolation, uid, processes: [] };
    if (this.#isolation === 'none') return writeRecord(folder, record);
    const groups = this.#cgroups?.make(id) ?? [];
    const processes = await startSandbox(this.#maker, sandboxOf(this.#host, { folder, uid }), { folder, mark: this.#mark(id), groups, signal });
    writeRecord(folder, { ...record, processes });
  }

  /** Ends and removes whatever there is of a machine; one removal of it at a time. */
  async #remove(id: string, signal: AbortSignal): Promise<void> {
    while (this.#removing.has(id)) await Promise.allSettled([this.#removing.get(id)]);
    const removing = this.#end(id, signal).finally(() => this.#removing.delete(id));
    this.#removing.set(id, removing);
    await removing;
  }

  async #end(id: string, signal: AbortSignal): Promise<void> {
    const folder = join(this.#machines, id);
    if (existsSync(folder)) {
      const record = readRecord(folder);
      const alive = record?.processes.filter((one) => isAlive(one)) ?? [];
      for (const one of alive) kill(one.pid);
      await waitGone(alive, signal);
      // All of a namespace dies with its first process. Without one, or without a record, the mark tells what belongs to the machine.
      const isWhole = record !== null && record.isolation !== 'none' && alive.length === record.processes.length;
      if (!isWhole) await killMarked(MACHINE_MARK, this.#mark(id), signal);
      await this.#discard(folder, isWhole ? null : () => killMarked(MACHINE_MARK, this.#mark(id), signal));
    }
    await this.#cgroups?.remove(id, signal);
  }

  /**
   * Out of the way at once, so that nothing sees it half removed; gone when this resolves. `killAgain`: a sandbox that was about to start had no mark yet when it was looked for. Without its
   * folder it cannot come up any more, and one that came up before has its mark by now.
   */
  async #discard(folder: string, killAgain: (() => Promise<void>) | null): Promise<void> {
    const aside = join(this.#machines, `${GONE}${process.pid}-${Date.now()}-${(this.#gone += 1)}`);
    try {
      renameSync(folder, aside);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      return;
    }
    try {
      await killAgain?.();
    } catch (error) {
      // Back to where it is listed, so that it is tried again.
      renameSync(aside, folder);
      throw error;
    }
    await this.#remover.remove(aside);
  }

  #mark(id: string): string {
    return `${this.#context.folder}/${id}`;
  }

  /** What a command without sandbox sees: nothing of the server's own environment. */
  #environment(id: string): Readonly<Record<string, string>> {
    const path = '/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    return {
      PATH: path,
      HOME: join(this.#machines, id, 'folder', 'home'),
      LANG: 'C.UTF-8',
      SHELL: '/bin/sh',
      ...this.#clock(),
      [MACHINE_MARK]: this.#mark(id),
    };
  }

  /** What spares the agent a process, where there is /proc. */
  #clock(): Readonly<Record<string, string>> {
    return process.platform === 'linux' ? { TERRARIUM_CLOCK: String(bootTime()) } : {};
  }
}

function runs(record: MachineRecord): boolean {
  return record.processes.every((one) => isAlive(one));
}
