import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { PluginError, type Extension, type ImageDescription, type PluginContext, type RunnerDriver, type Session } from '#plugins/api';
import { Cgroups } from './cgroups.ts';
import type { LocalConfig } from './config.ts';
import { CONTROL_SCRIPT } from './control.ts';
import { findInterpreters, pythonPlaces } from './interpreters.ts';
import { isReady, LocalSession } from './local-session.ts';
import { makeFolders, readRecord, removeFolder, writeRecord, type MachineRecord } from './machine-folder.ts';
import { MACHINE_MARK, startSandbox } from './make-machine.ts';
import { isAlive, kill, killMarked, waitGone } from './processes.ts';
import { INSIDE_USER, sandboxCommand, type SandboxHost } from './sandbox.ts';

const IMAGE = 'local';
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const PROBE = 'probe';
/** systemd's allocation table leaves the numbers from here to 0x7FFFFFFE to whoever wants them. */
const FIRST_UID = 0x70000000;
const UIDS = 0x10000;

/**
 * Machines on this host. A machine is a folder, and in a sandbox the processes of its namespaces; both outlive the server, and any later
 * process that has the instance's folder finds them again.
 */
export class LocalRunner implements RunnerDriver, Extension {
  readonly #context: PluginContext<LocalConfig>;
  readonly #machines: string;
  readonly #creating = new Map<string, Promise<void>>();
  readonly #places: { readonly executables: string[]; readonly folders: string[] };
  readonly #host: SandboxHost;
  #cgroups: Cgroups | null = null;
  #isolation: 'sandbox' | 'none' = 'none';
  /** Why there is no sandbox. */
  #reason = 'The configuration asks for none.';

  constructor(context: PluginContext<LocalConfig>) {
    this.#context = context;
    this.#machines = join(context.folder, 'machines');
    this.#places = pythonPlaces(context.config.pythons);
    this.#host = { config: context.config, pythons: this.#places.folders, folder: context.folder };
  }

  /** Finds out, by making a machine, what this host can do. */
  async init(signal: AbortSignal): Promise<void> {
    mkdirSync(this.#machines, { recursive: true, mode: 0o700 });
    const { config, installation, name } = this.#context;
    if (config.isolation === 'none') return;
    writeHostFiles(this.#context.folder);
    const memoryBytes = config.memoryMegabytes === null ? null : config.memoryMegabytes * 1_048_576;
    this.#cgroups = Cgroups.probe(`terrarium-${installation}-${name}`, { processes: config.processes, memoryBytes });
    this.#isolation = 'sandbox';
    try {
      await this.#trial(signal);
    } catch (error) {
      this.#fallBack(error);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#creating.values());
    this.#cgroups?.close();
  }

  async describe(signal: AbortSignal): Promise<readonly ImageDescription[]> {
    const { store, logger } = this.#context;
    const interpreters = await findInterpreters(this.#places.executables, store, logger, signal);
    const system = process.platform === 'darwin' ? 'macos' : process.platform;
    return [{ image: IMAGE, system, architecture: machine(), isolation: this.#isolation, isolationNote: this.#note(), interpreters }];
  }

  async create(wanted: { readonly id: string; readonly image: string }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (wanted.image !== IMAGE) throw new PluginError('not-found', `There is no image ${wanted.image}; this driver has one, ${IMAGE}.`);
    if (!ID.test(wanted.id) || wanted.id === PROBE) throw new PluginError('invalid', `${JSON.stringify(wanted.id)} cannot name a machine.`);
    const known = this.#creating.get(wanted.id);
    if (known !== undefined) return known;
    const creating = this.#make(wanted.id, signal).finally(() => this.#creating.delete(wanted.id));
    this.#creating.set(wanted.id, creating);
    return creating;
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!ID.test(id)) return;
    await Promise.allSettled([this.#creating.get(id)]);
    await this.#remove(id, signal);
  }

  async list(): Promise<readonly string[]> {
    const ids = new Set([...readdirSync(this.#machines), ...(this.#cgroups?.list() ?? [])]);
    ids.delete(PROBE);
    return [...ids];
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const folder = join(this.#machines, id);
    const record = ID.test(id) ? readRecord(folder) : null;
    if (record === null || !isReady(folder, record)) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return new LocalSession(folder, record, this.#environment(id));
  }

  async #trial(signal: AbortSignal): Promise<void> {
    await this.#remove(PROBE, signal);
    try {
      await this.#make(PROBE, signal);
      const session = await this.connect(PROBE, signal);
      const { exitCode } = await session.exec(['true'], { signal });
      if (exitCode !== 0) throw new PluginError('unavailable', 'A command in the sandbox failed.');
    } finally {
      await this.#remove(PROBE, signal);
    }
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
      if (record !== null && isReady(folder, record)) return;
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
    const command = sandboxCommand(this.#host, { folder, uid });
    const groups = this.#cgroups?.make(id) ?? [];
    const processes = await startSandbox(command, { folder, mark: this.#mark(id), groups, signal });
    writeRecord(folder, { ...record, processes });
  }

  /** Ends and removes whatever there is of a machine. */
  async #remove(id: string, signal: AbortSignal): Promise<void> {
    const folder = join(this.#machines, id);
    if (existsSync(folder)) {
      const record = readRecord(folder);
      const alive = record?.processes.filter((one) => isAlive(one)) ?? [];
      for (const one of alive) kill(one.pid);
      await waitGone(alive, signal);
      // All of a namespace dies with its first process. Without one, or without a record, the mark tells what belongs to the machine.
      if (record === null || record.isolation === 'none' || alive.length < record.processes.length)
        await killMarked(MACHINE_MARK, this.#mark(id), signal);
      await removeFolder(folder);
    }
    await this.#cgroups?.remove(id, signal);
  }

  #mark(id: string): string {
    return `${this.#context.folder}/${id}`;
  }

  /** What a command without sandbox sees: nothing of the server's own environment. */
  #environment(id: string): Readonly<Record<string, string>> {
    const path = '/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    return { PATH: path, HOME: join(this.#machines, id, 'folder', 'home'), LANG: 'C.UTF-8', SHELL: '/bin/sh', [MACHINE_MARK]: this.#mark(id) };
  }

  #note(): string {
    if (this.#isolation === 'none')
      return `Nothing keeps a job apart: it runs as the server's own user and may read and change all that the server may. ${this.#reason}`;
    const { config } = this.#context;
    const user = process.getuid?.() === 0 ? 'a user of its own that exists nowhere else on the host' : "the server's user, in a user namespace";
    const network =
      config.network === 'none' ? 'It has no network but its own loopback' : "It uses the host's network, and reaches the host's own services";
    const limits = this.#cgroups?.describes ?? [];
    const groups = limits.length === 0 ? 'There is no limit of memory' : `Control groups limit its ${limits.join(' and ')}`;
    return (
      `The job runs in its own namespaces (files, processes, network, IPC) on this host's kernel, as ${user}. It sees the system and the interpreters ` +
      `read-only and writes only to its own folder. ${network}. ${groups}; none of disk space.`
    );
  }
}

/** What all sandboxes share: users and hosts as the job sees them, an empty file to hide others with. */
function writeHostFiles(folder: string): void {
  mkdirSync(join(folder, 'etc'), { recursive: true });
  const home = '/terrarium/home';
  const users = `root:x:0:0:root:/root:/bin/sh\nterrarium:x:${INSIDE_USER}:${INSIDE_USER}:Terrarium:${home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`;
  const files = {
    passwd: users,
    group: `root:x:0:\nterrarium:x:${INSIDE_USER}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost terrarium\n::1 localhost terrarium\n',
    empty: '',
    'control.sh': CONTROL_SCRIPT,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'etc', name), text, { mode: 0o644 });
}
