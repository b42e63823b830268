import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginError } from '../errors.ts';
import type { ImageDescription, ImageKeeper, StoredImage } from '../image.ts';
import type { DeniedAttempt, HostDescription, MachineOrigin, MachineRequest, RunnerDriver } from '../runner.ts';
import type { Session } from '../session.ts';
import { killAll, type FakeMachine } from './fake-machine.ts';
import { FakeSession } from './fake-session.ts';

/** What a fake runner can do besides what every runner can. */
export type FakeAbility = 'allow' | 'resources' | 'denied' | 'hosts' | 'images';

/**
 * What a test does to fake runners from outside, and what it learns from them. Several drivers may share one controller, as several
 * server processes share the machines they made.
 */
export class FakeRunnerController {
  readonly machines = new Map<string, FakeMachine>();
  /** How many machines may exist at once. */
  capacity = Number.POSITIVE_INFINITY;
  /** Where its machines are said to be. */
  host: string | null = null;
  /** What machines were asked for, in order. */
  readonly requests: MachineRequest[] = [];
  /** What machines tried in vain, by their ids; of others: nothing. */
  readonly denied = new Map<string, readonly DeniedAttempt[]>();
  /** Its hosts; or why it cannot say. */
  hosts: readonly HostDescription[] | PluginError = [];
  /** The images it keeps. */
  stored: readonly StoredImage[] = [];
  /** Whether `image` has been made. */
  hasImage = true;
  /** The image it offers; a test may replace it. */
  image: ImageDescription = {
    image: 'fake',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'none',
    systemVersion: null,
    toolchains: [],
    isolationNote: 'A temporary folder of a test.',
    interpreters: [{ name: '3.11', implementation: 'cpython', version: '3.11.7', path: '/usr/bin/python3' }],
    digest: null,
  };
  #root: Promise<string> | null = null;
  readonly #failures: PluginError[] = [];

  /** The next create throws this. */
  failNextCreate(error: PluginError): void {
    this.#failures.push(error);
  }

  /** Makes the machine vanish: its processes are killed, its sessions are unavailable. */
  lose(id: string): void {
    const machine = this.machines.get(id);
    if (machine === undefined) return;
    machine.lost = true;
    killAll(machine);
  }

  /** Names of the folders that machines have left. */
  async leftovers(): Promise<readonly string[]> {
    return readdir(await this.root());
  }

  /** Removes everything. */
  async close(): Promise<void> {
    for (const machine of this.machines.values()) killAll(machine);
    await rm(await this.root(), { recursive: true, force: true });
  }

  /** For the driver: the folder that machines are made in. */
  root(): Promise<string> {
    this.#root ??= mkdtemp(join(tmpdir(), 'terrarium-fake-'));
    return this.#root;
  }

  /** For the driver: throws what the test asked for. */
  takeFailure(): void {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
  }
}

/** A runner whose machines are temporary folders and whose commands are real processes of this host. */
export class FakeRunner implements RunnerDriver {
  readonly shells: boolean = false;
  readonly #controller: FakeRunnerController;
  readonly fulfils: readonly ('allow' | 'resources')[];
  readonly denied?: NonNullable<RunnerDriver['denied']>;
  readonly hosts?: NonNullable<RunnerDriver['hosts']>;
  readonly images?: ImageKeeper;

  constructor(controller: FakeRunnerController, abilities: readonly FakeAbility[] = []) {
    this.#controller = controller;
    this.fulfils = (['allow', 'resources'] as const).filter((wish) => abilities.includes(wish));
    if (abilities.includes('denied')) this.denied = (id) => this.#denied(id);
    if (abilities.includes('hosts')) this.hosts = () => this.#hosts();
    if (abilities.includes('images')) this.images = fakeKeeper(controller);
  }

  async describe(): Promise<readonly ImageDescription[]> {
    return this.#controller.hasImage ? [this.#controller.image] : [];
  }

  async create(machine: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    signal.throwIfAborted();
    const { machines, capacity, image, host, hasImage } = this.#controller;
    this.#controller.requests.push(machine);
    if (!hasImage || machine.image !== image.image) throw new PluginError('not-found', `There is no image ${machine.image}.`);
    const origin = { host, digest: image.digest };
    if (machines.has(machine.id)) return origin;
    this.#controller.takeFailure();
    if (machines.size >= capacity) throw new PluginError('exhausted', `All ${capacity} machines are in use.`);
    const folder = join(await this.#controller.root(), machine.id);
    if (machines.has(machine.id)) return origin;
    machines.set(machine.id, { folder, lost: false, pids: new Set() });
    await mkdir(folder, { recursive: true });
    if (!signal.aborted) return origin;
    await this.destroy(machine.id);
    throw signal.reason;
  }

  async destroy(id: string): Promise<void> {
    const machine = this.#controller.machines.get(id);
    if (machine === undefined) return;
    killAll(machine);
    await rm(machine.folder, { recursive: true, force: true });
    this.#controller.machines.delete(id);
  }

  async list(): Promise<readonly string[]> {
    return [...this.#controller.machines.keys()];
  }

  async connect(id: string): Promise<Session> {
    const machine = this.#controller.machines.get(id);
    if (machine === undefined || machine.lost) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return new FakeSession(machine);
  }

  async isLost(id: string): Promise<boolean> {
    return this.#controller.machines.get(id)?.lost === true;
  }

  async #denied(id: string): Promise<readonly DeniedAttempt[]> {
    const { machines, denied } = this.#controller;
    if (!machines.has(id)) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return denied.get(id) ?? [];
  }

  async #hosts(): Promise<readonly HostDescription[]> {
    const { hosts } = this.#controller;
    if (hosts instanceof PluginError) throw hosts;
    return hosts;
  }
}

/** Keeps what the controller says; it makes nothing. */
function fakeKeeper(controller: FakeRunnerController): ImageKeeper {
  const refuse = (): Promise<never> => Promise.reject(new PluginError('unsupported', 'A fake runner makes no images.'));
  return { list: () => Promise.resolve(controller.stored), build: refuse, import: refuse, remove: refuse };
}
