import type { Pool } from 'pg';
import type { Logger, RunnerDriver } from '#plugins/api';
import type { Registry } from '../plugins/index.ts';
import type { MachinePool } from './machine-pool.ts';
import { type LeftMachine, endedRow, withoutRow } from './left-machines.ts';
import type { MachineRows } from './machine-rows.ts';
import type { Machine } from './machine.ts';
import type { PoolImages } from './pool-images.ts';
import type { Upkeep } from './upkeep.ts';

export interface ReaperParts {
  readonly database: Pool;
  readonly rows: MachineRows;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly pools: ReadonlyMap<string, MachinePool>;
  readonly images: PoolImages;
  readonly upkeep: Upkeep;
  /** Looks after machines that are held for people. */
  readonly checkHeld: () => Promise<void>;
}

const ROUND_MS = 30_000;
/** How long a driver may take for its list, or to destroy one machine. */
const PATIENCE_MS = 60_000;

/**
 * Goes its rounds: destroys machines that nobody wants, finds out which of the ready ones have died, and whether images have changed. One that cannot be
 * destroyed, or a runner that does not answer, keeps nothing else back.
 */
export class Reaper {
  private readonly strays = new Map<string, LeftMachine>();
  private timer: NodeJS.Timeout | null = null;
  private going: Promise<void> = Promise.resolve();
  private stopping = new AbortController();

  constructor(private readonly parts: ReaperParts) {}

  /** Begins its rounds, the first now. */
  start(): void {
    this.stopping.abort();
    this.stopping = new AbortController();
    this.next(this.stopping.signal);
  }

  /** From now on it destroys nothing more. Resolves when the round that was under way has ended. */
  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.stopping.abort(new Error('the reaper stops'));
    await this.going;
  }

  /** A machine whose pool is no longer configured is to be destroyed by the driver that made it, in the next round. */
  addStray(machine: LeftMachine): void {
    this.strays.set(machine.id, machine);
  }

  /** One round over all drivers. */
  async round(signal: AbortSignal): Promise<void> {
    for (const stray of this.strays.values())
      await this.quietly('a machine of a former pool cannot be destroyed yet', signal, () => this.end(stray, signal));
    await this.quietly('the machines that are held could not be looked after; trying again', signal, this.parts.checkHeld);
    await Promise.all(this.parts.registry.all('runner').map(({ name, extension }) => this.visit(name, extension, signal)));
    for (const pool of this.parts.pools.values())
      await this.quietly('a pool could not be tidied; trying again', signal, () => this.parts.upkeep.tidy(pool, signal));
  }

  private async visit(name: string, driver: RunnerDriver, signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.quietly(`the images of ${name} could not be looked at; trying again`, signal, () => this.parts.images.look(name, patient(signal))),
      this.quietly(`the machines of ${name} could not be looked at; trying again`, signal, () => this.sweep(driver, signal)),
    ]);
  }

  private next(signal: AbortSignal): void {
    const before = this.going;
    this.going = before
      .then(() => this.round(signal))
      .then(() => {
        if (!signal.aborted) this.timer = setTimeout(() => this.next(signal), ROUND_MS);
      });
  }

  private async end(stray: LeftMachine, signal: AbortSignal): Promise<void> {
    const driver = this.parts.registry.find('runner', stray.driver);
    if (driver === null) {
      const fields = { machine: stray.id, runner: stray.driver };
      this.parts.logger.warn('a machine is forgotten that cannot be destroyed: its runner is no longer configured', fields);
    } else {
      this.parts.logger.info('destroying a machine of a pool that is no longer configured', { machine: stray.id, pool: stray.pool });
      await driver.destroy(stray.id, patient(signal));
    }
    await this.parts.rows.gone(endedRow(stray, 'its pool is no longer configured'));
    this.strays.delete(stray.id);
  }

  private async sweep(driver: RunnerDriver, signal: AbortSignal): Promise<void> {
    const pools = [...this.parts.pools.values()].filter((pool) => pool.driver === driver);
    const idle = pools.flatMap((pool) => pool.idle().map((machine) => ({ pool, machine })));
    const listed = new Set(await driver.list(patient(signal)));
    signal.throwIfAborted();
    for (const { pool, machine } of idle) {
      await this.quietly('it could not be found out whether a machine is still there', signal, async () => {
        const end = await endOf(driver, machine, listed, signal);
        if (end !== null) await this.parts.upkeep.withdraw(pool, machine, end);
      });
    }
    const lost = await withoutRow(
      this.parts.database,
      [...listed].filter((id) => !this.isKnown(id)),
    );
    for (const id of lost)
      await this.quietly('a machine that nobody knows cannot be destroyed yet', signal, () => this.destroyUnknown(driver, id, signal));
  }

  private async destroyUnknown(driver: RunnerDriver, id: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.parts.logger.info('destroying a machine that nobody knows', { machine: id });
    await driver.destroy(id, patient(signal));
  }

  private isKnown(id: string): boolean {
    return [...this.parts.pools.values()].some((pool) => pool.machines.has(id));
  }

  /** What fails is tried again in the next round. */
  private async quietly(failure: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      signal.throwIfAborted();
      await work();
    } catch (error) {
      if (!signal.aborted) this.parts.logger.warn(failure, { error });
    }
  }
}

/** How a machine that waited has come to its end, in words; null if it has not. */
async function endOf(driver: RunnerDriver, machine: Machine, listed: ReadonlySet<string>, signal: AbortSignal): Promise<string | null> {
  if (!listed.has(machine.id)) return 'it was no longer there';
  return (await driver.isLost?.(machine.id, patient(signal))) === true ? 'it had died while it waited' : null;
}

function patient(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
}
