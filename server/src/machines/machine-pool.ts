import { setTimeout as delay } from 'node:timers/promises';
import type { ImageDescription, Logger, RunnerDriver, MachineResources } from '#plugins/api';
import { Machine, newMachineId } from './machine.ts';

/** What a pool tells its surroundings. */
export interface PoolHooks {
  /** A machine answers its driver; resolves once that is written down. */
  readonly ready: (machine: Machine) => Promise<void>;
  /** A machine is surely gone. */
  readonly gone: (machine: Machine) => Promise<void>;
  /** Anything about it changed. */
  readonly changed: (machine: Machine) => void;
}

/** Which machines a pool keeps. `jobs`: how many run jobs at once at most; `ready`: how many more wait, made beforehand. */
export interface PoolSettings {
  readonly name: string;
  /** The runner's instance. */
  readonly runner: string;
  readonly image: ImageDescription;
  readonly jobs: number;
  readonly ready: number;
  /** What its machines may reach; see `MachineRequest`. */
  readonly allow: readonly string[];
  readonly resources: MachineResources | null;
}

/** How many machines are made at the same time: more only slows each. */
const CREATING_AT_ONCE = 4;
/** How long a driver may take to make one; then the attempt counts as failed, whatever becomes of it. */
const CREATE_MS = 5 * 60_000;
const RETRY_MS = [200, 1000, 5000, 15_000, 30_000];

/** The machines of one image at one driver: makes what is wanted, destroys what was used, and never lets go of one half-way. */
export class MachinePool {
  readonly machines = new Map<string, Machine>();
  private readonly closing = new AbortController();
  /** Under which machines are made now; replaced when the pool stands down. */
  private making = new AbortController();
  private readonly working = new Set<Promise<void>>();
  private failures = 0;
  private retryAt = 0;
  private trouble: string | null = null;

  constructor(
    readonly settings: PoolSettings,
    readonly driver: RunnerDriver,
    private readonly hooks: PoolHooks,
    private readonly logger: Logger,
    private readonly createMs = CREATE_MS,
  ) {}

  /** What keeps it from having what it wants, in words; null if nothing does. */
  get problem(): string | null {
    return this.trouble;
  }

  count(...states: readonly Machine['state'][]): number {
    let count = 0;
    for (const machine of this.machines.values()) if (states.includes(machine.state)) count += 1;
    return count;
  }

  ready(): Machine[] {
    return [...this.machines.values()].filter((machine) => machine.state === 'ready');
  }

  /** Begins to make `count` more machines, not more at the same time than is good; the rest when asked again. Nothing while a failure is fresh. */
  make(count: number): void {
    if (this.closing.signal.aborted || Date.now() < this.retryAt) return;
    const now = Math.min(count, CREATING_AT_ONCE - this.count('creating'));
    for (let made = 0; made < now; made += 1) {
      const machine = new Machine(newMachineId(), this.settings.name, 'creating');
      this.machines.set(machine.id, machine);
      this.hooks.changed(machine);
      void this.track(this.create(machine));
    }
  }

  /** Takes over a machine that an earlier process made. */
  adopt(machine: Machine): void {
    this.machines.set(machine.id, machine);
  }

  /** Destroys a machine, trying until it is surely gone. Resolves then, or when the pool is closed. */
  async destroy(machine: Machine, reason: string | null = null): Promise<void> {
    if (machine.state === 'destroying' || machine.state === 'gone') return;
    machine.move('destroying', reason);
    this.hooks.changed(machine);
    await this.track(this.destroyUntilGone(machine));
  }

  /** Another server has the right to machines now: destroys those that no job has, and forgets the others, which that server took over. */
  standDown(): void {
    this.making.abort(new Error('another server makes machines now'));
    this.making = new AbortController();
    for (const machine of this.machines.values()) {
      if (machine.state === 'ready') void this.destroy(machine);
      if (machine.state === 'assigned') this.machines.delete(machine.id);
    }
  }

  /** Stops making machines, destroys all that are not assigned, and waits for what is under way. */
  async close(): Promise<void> {
    for (const machine of this.ready()) void this.destroy(machine);
    this.closing.abort();
    this.making.abort(new Error('the pool is closed'));
    // What ends may begin something: a creation that is given up is cleaned up after.
    while (this.working.size > 0) await Promise.allSettled(this.working);
  }

  private async create(machine: Machine): Promise<void> {
    const making = this.making.signal;
    try {
      await this.createInTime(machine.id, making);
      // Written down before anybody may have it: a job is given only a machine that has a row.
      await this.hooks.ready(machine);
      making.throwIfAborted();
      machine.move('ready');
      this.failures = 0;
      this.trouble = null;
    } catch (error) {
      if (!making.aborted) this.backOff(error);
      // Left in the map until its own end: a create that failed must still be cleaned up after.
      void this.destroy(machine, error instanceof Error ? error.message : String(error));
      return;
    }
    this.hooks.changed(machine);
  }

  private async createInTime(id: string, making: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const give = (): void => ending.abort(making.reason);
    making.addEventListener('abort', give, { once: true });
    const late = deadline(this.createMs, `it was not ready after ${this.createMs / 1000} s`);
    try {
      making.throwIfAborted();
      // Not every driver that hangs heeds its signal.
      await Promise.race([this.driver.create({ id, image: this.settings.image.image }, ending.signal), late.passed]);
    } catch (error) {
      ending.abort(error);
      throw error;
    } finally {
      late.clear();
      making.removeEventListener('abort', give);
    }
  }

  private backOff(error: unknown): void {
    const pause = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 30_000;
    this.failures += 1;
    this.retryAt = Date.now() + pause;
    this.trouble = `cannot make a machine: ${error instanceof Error ? error.message : String(error)} (next try in ${pause / 1000} s)`;
    this.logger.warn('cannot make a machine', { pool: this.settings.name, error, pause });
  }

  private async destroyUntilGone(machine: Machine): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        // Not under the closing signal: a destruction once begun is brought to its end.
        await this.driver.destroy(machine.id, AbortSignal.timeout(60_000));
        await this.hooks.gone(machine);
        machine.move('gone');
        this.hooks.changed(machine);
        this.machines.delete(machine.id);
        return;
      } catch (error) {
        machine.reason = `cannot be destroyed yet: ${error instanceof Error ? error.message : String(error)}`;
        this.logger.warn('a machine cannot be destroyed yet', { machine: machine.id, error });
        this.hooks.changed(machine);
        await delay(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 30_000, undefined, { signal: this.closing.signal });
      }
    }
  }

  private track(work: Promise<void>): Promise<void> {
    const quiet = work.catch((error: unknown) => {
      if (!this.closing.signal.aborted) this.logger.error('work of a pool failed', { pool: this.settings.name, error });
    });
    this.working.add(quiet);
    void quiet.then(() => this.working.delete(quiet));
    return quiet;
  }
}

/** Rejects with `message` after a time, unless it is cleared. */
function deadline(time: number, message: string): { passed: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), time);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
