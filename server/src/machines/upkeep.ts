import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import { withdrawReady } from './left-machines.ts';
import type { MachinePool } from './machine-pool.ts';
import type { Machine } from './machine.ts';

const MINUTE_MS = 60_000;

/** A machine that waits and is to go though nothing is wrong with it. */
export interface DueMachine {
  readonly machine: Machine;
  readonly reason: string;
}

/** Ready machines that have waited longer than their pool lets them. */
export function agedMachines(pool: MachinePool, now: number): Machine[] {
  return pool.ready().filter((machine) => now - machine.since.getTime() >= pool.settings.maxReadyMinutes * MINUTE_MS);
}

/** Which of a pool's machines are to go now: those of a former image, those that are too old and replaced, and those that nobody has wanted for long. */
export function dueMachines(pool: MachinePool, now: number): DueMachine[] {
  const former = pool.idle().filter((machine) => machine.image !== pool.image);
  const aged = replaceable(pool, agedMachines(pool, now));
  return [
    ...former.map((machine) => ({ machine, reason: `image ${pool.settings.image} has changed since it was made` })),
    ...aged.map((machine) => ({ machine, reason: `it had waited for ${pool.settings.maxReadyMinutes} minutes` })),
    ...unused(pool, aged, now).map((machine) => ({ machine, reason: `no job had wanted it for ${pool.settings.idleMinutes} minutes` })),
  ];
}

/** A machine goes once there are enough younger ones; where there is no room for a younger one, the oldest goes first. */
function replaceable(pool: MachinePool, aged: readonly Machine[]): readonly Machine[] {
  const younger = pool.ready().length - aged.length;
  if (younger >= pool.settings.ready) return aged;
  const waitsForRoom = pool.room === 0 && pool.count('creating', 'destroying') === 0;
  return waitsForRoom ? aged.slice(0, 1) : [];
}

/** Beyond those that are kept ready: made for jobs that found another machine, or that nobody wants any more. */
function unused(pool: MachinePool, leaving: readonly Machine[], now: number): Machine[] {
  const staying = pool.ready().filter((machine) => !leaving.includes(machine));
  const surplus = Math.max(0, staying.length - pool.settings.ready);
  return staying.filter((machine) => now - machine.since.getTime() >= pool.settings.idleMinutes * MINUTE_MS).slice(0, surplus);
}

export interface UpkeepParts {
  readonly database: Pool;
  readonly owner: string;
  readonly logger: Logger;
  /** Another may be made in a machine's place. */
  readonly wake: () => void;
}

/** Takes machines away from among those that wait. */
export class Upkeep {
  constructor(private readonly parts: UpkeepParts) {}

  /** Lets those machines of a pool go that are due. */
  async tidy(pool: MachinePool, signal: AbortSignal): Promise<void> {
    for (const { machine, reason } of dueMachines(pool, Date.now())) {
      signal.throwIfAborted();
      await this.withdraw(pool, machine, reason);
    }
  }

  /** Destroys a machine that waits, unless a job was given it just now. */
  async withdraw(pool: MachinePool, machine: Machine, reason: string): Promise<void> {
    const { database, owner, logger, wake } = this.parts;
    if (!(await withdrawReady(database, owner, machine.id))) return;
    logger.info('a machine that waited for a job is destroyed', { machine: machine.id, pool: machine.pool, reason });
    void pool.destroy(machine, reason);
    wake();
  }
}
