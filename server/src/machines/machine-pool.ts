import { setTimeout as delay } from 'node:timers/promises';
import { type ImageDescription, type Logger, type MachineOrigin, type RunnerDriver, isPluginError } from '#plugins/api';
import type { PoolConfig } from '../config/index.ts';
import { Machine, newMachineId } from './machine.ts';
import { createInTime, requestOf } from './making.ts';
import type { PackageAccess } from './package-access.ts';
import { isMadeFrom, isSameImage } from './same-image.ts';

/** What a pool tells its surroundings. */
export interface PoolHooks {
  /** How the next machine reaches the cache of packages; null: not at all. */
  readonly packages: () => Promise<PackageAccess | null>;
  /** A machine answers its driver; resolves once that is written down. */
  readonly ready: (machine: Machine) => Promise<void>;
  /** A machine that had a job is about to be destroyed: the last moment to ask it anything. Never rejects, and takes seconds at most. */
  readonly leaving: (machine: Machine) => Promise<void>;
  /** A machine is surely gone. */
  readonly gone: (machine: Machine) => Promise<void>;
  /** Anything about it changed. */
  readonly changed: (machine: Machine) => void;
  /** The driver makes machines from another image than it said: it is to be asked again, and `see` told. */
  readonly imageDiffers: () => Promise<void>;
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
  private current: ImageDescription | null = null;
  private missing: string | null = null;
  /** The driver had no place for another when it was asked last. */
  private isFull = false;

  /** To be told of its image by `see` before anything is made. */
  constructor(
    readonly settings: PoolConfig,
    readonly driver: RunnerDriver,
    private readonly hooks: PoolHooks,
    private readonly logger: Logger,
    private readonly createMs = CREATE_MS,
  ) {}

  /** What its machines are made from now, or were last; null if it never had an image. */
  get image(): ImageDescription | null {
    return this.current;
  }

  /** What keeps it from having what it wants, in words; null if nothing does. */
  get problem(): string | null {
    return this.missing ?? this.trouble;
  }

  /** How many more machines may exist. One that is lost and only waits for its host to come back, so as to be cleaned up after, takes no place. */
  get room(): number {
    let existing = 0;
    for (const machine of this.machines.values()) if (!machine.isLost) existing += 1;
    return Math.max(0, this.settings.machines - existing);
  }

  count(...states: readonly Machine['state'][]): number {
    let count = 0;
    for (const machine of this.machines.values()) if (states.includes(machine.state)) count += 1;
    return count;
  }

  /** Machines that jobs may have, oldest first; none of an image that is no longer its image. */
  ready(): Machine[] {
    return this.idle().filter((machine) => machine.image === this.current);
  }

  /** All machines that wait, whatever they were made from. */
  idle(): Machine[] {
    return [...this.machines.values()].filter((machine) => machine.state === 'ready');
  }

  /**
   * What the driver says of its image now; a sentence where it has none of that name: then nothing is made. Machines of an image that has changed are given
   * to no job any more.
   */
  see(image: ImageDescription | string): void {
    if (typeof image === 'string') {
      this.missing = image;
      return;
    }
    this.missing = null;
    if (this.current !== null && isSameImage(this.current, image)) return;
    if (this.current !== null)
      this.logger.info('the image of a pool has changed', { pool: this.settings.name, image: image.image, digest: image.digest });
    this.current = image;
  }

  /**
   * Begins to make `count` more machines, not more at the same time than is good and than may exist; the rest when asked again. Nothing while a failure is
   * fresh, or while there is no image.
   */
  make(count: number): void {
    if (this.closing.signal.aborted || this.current === null || this.missing !== null || Date.now() < this.retryAt) return;
    // After a failure one is a trial for all.
    const atOnce = this.failures > 0 ? 1 : CREATING_AT_ONCE;
    const now = Math.min(count, atOnce - this.count('creating'), this.room);
    for (let made = 0; made < now; made += 1) {
      const machine = new Machine(newMachineId(), this.settings.name, 'creating');
      this.machines.set(machine.id, machine);
      this.hooks.changed(machine);
      void this.track(this.create(machine));
    }
  }

  /** A machine of the same driver is gone: if there was no place for another, there may be one now. */
  placeIsFree(): void {
    if (this.isFull) this.retryAt = 0;
  }

  /** Takes over a machine that an earlier process made. */
  adopt(machine: Machine): void {
    machine.image = this.current;
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
      if (machine.state === 'ready') void this.destroy(machine, 'another server makes machines now');
      if (machine.state === 'assigned') this.machines.delete(machine.id);
    }
  }

  /** Stops making machines, destroys all that are not assigned, and waits for what is under way. */
  async close(): Promise<void> {
    for (const machine of this.idle()) void this.destroy(machine, 'the server stopped');
    this.closing.abort();
    this.making.abort(new Error('the pool is closed'));
    // What ends may begin something: a creation that is given up is cleaned up after.
    while (this.working.size > 0) await Promise.allSettled(this.working);
  }

  private async create(machine: Machine): Promise<void> {
    const making = this.making.signal;
    try {
      const packages = await this.hooks.packages();
      machine.origin = await createInTime(this.driver, requestOf(machine.id, this.settings, this.driver, packages), making, this.createMs);
      machine.packages = packages?.url ?? null;
      machine.image = await this.imageOf(machine.origin);
      // Written down before anybody may have it: a job is given only a machine that has a row.
      await this.hooks.ready(machine);
      making.throwIfAborted();
      machine.move('ready');
      this.failures = 0;
      this.trouble = null;
      this.isFull = false;
    } catch (error) {
      if (!making.aborted) this.backOff(error);
      machine.wasBegun = !isPluginError(error, 'exhausted');
      // Left in the map until its own end: a create that failed must still be cleaned up after.
      void this.destroy(machine, error instanceof Error ? error.message : String(error));
      return;
    }
    this.hooks.changed(machine);
  }

  /** The image may have been made anew since it was last looked at. Throws if it is none that the driver knows of now. */
  private async imageOf({ digest }: MachineOrigin): Promise<ImageDescription | null> {
    if (this.current !== null && !isMadeFrom(digest, this.current)) await this.hooks.imageDiffers();
    if (this.current !== null && !isMadeFrom(digest, this.current)) throw new Error('its image was made anew meanwhile');
    return this.current;
  }

  /** Those that fail together count as one failure. */
  private backOff(error: unknown): void {
    if (Date.now() < this.retryAt) return;
    const pause = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 30_000;
    this.failures += 1;
    this.retryAt = Date.now() + pause;
    this.isFull = isPluginError(error, 'exhausted');
    this.trouble = `cannot make a machine: ${error instanceof Error ? error.message : String(error)} (next try in ${pause / 1000} s)`;
    this.logger.warn('cannot make a machine', { pool: this.settings.name, error, pause });
  }

  private async destroyUntilGone(machine: Machine): Promise<void> {
    if (machine.assignedAt !== null) await this.hooks.leaving(machine);
    for (let tries = 0; ; tries += 1) {
      try {
        // Not under the closing signal: a destruction once begun is brought to its end.
        await this.driver.destroy(machine.id, AbortSignal.timeout(60_000));
        await this.hooks.gone(machine);
        this.forget(machine);
        return;
      } catch (error) {
        machine.reason = `cannot be destroyed yet: ${error instanceof Error ? error.message : String(error)}`;
        this.logger.warn('a machine cannot be destroyed yet', { machine: machine.id, error });
        machine.isLost = await this.isLost(machine.id);
        this.hooks.changed(machine);
        await delay(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 30_000, undefined, { signal: this.closing.signal });
      }
    }
  }

  private async isLost(id: string): Promise<boolean> {
    try {
      return (await this.driver.isLost?.(id, AbortSignal.timeout(10_000))) === true;
    } catch (error) {
      this.logger.info('it is not known whether a machine is lost', { machine: id, error });
      return false;
    }
  }

  private forget(machine: Machine): void {
    machine.move('gone');
    this.machines.delete(machine.id);
    this.hooks.changed(machine);
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
