import type { Interpreter, Logger, RunnerDriver } from '#plugins/api';
import type { MachineView, PoolView } from '#server/api';
import type { DomainEvents } from '../common/domain-events.ts';
import type { PoolConfig } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import { matchInterpreter } from '../scheduling/match-interpreter.ts';
import type { KeptPool } from '../scheduling/plan-types.ts';
import { MachinePool } from './machine-pool.ts';
import { deleteMachines, insertReady, takeOverMachines } from './machine-rows.ts';
import { Machine } from './machine.ts';

export interface MachinePoolsParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly owner: string;
}

/** A machine that runs an attempt, with what its execution must know. */
export interface FoundMachine {
  readonly driver: RunnerDriver;
  readonly interpreterFor: (wanted: string | null) => Interpreter | null;
}

const REAP_MS = 30_000;

/** All pools of the installation. */
export class MachinePools {
  private readonly pools = new Map<string, MachinePool>();
  private reaper: NodeJS.Timeout | null = null;

  constructor(private readonly parts: MachinePoolsParts) {}

  /** Asks every runner what it can make, and takes over what earlier processes left. The scheduler then says what to make. */
  async start(configs: readonly PoolConfig[], signal: AbortSignal): Promise<void> {
    for (const config of configs) this.pools.set(config.name, await this.open(config, signal));
    await this.adopt();
    await this.reap(signal);
    this.reaper = setInterval(() => void this.reapQuietly(), REAP_MS);
  }

  /** Stops making machines. Assigned ones stay for the next process; idle ones are destroyed. */
  async stop(): Promise<void> {
    if (this.reaper) clearInterval(this.reaper);
    await Promise.all([...this.pools.values()].map((pool) => pool.close(true)));
  }

  /** How the pools stand, for the planner. */
  snapshot(): KeptPool[] {
    return [...this.pools.values()].map((pool) => ({
      name: pool.settings.name,
      image: pool.settings.image,
      limit: pool.settings.jobs,
      busy: pool.count('assigned'),
      ready: pool.count('ready'),
      creating: pool.count('creating'),
      wantedReady: pool.settings.ready,
    }));
  }

  /** Ready machines of a pool, oldest first. */
  readyMachines(pool: string): Machine[] {
    return this.pools.get(pool)?.ready() ?? [];
  }

  /** How well the machines of a pool are kept apart, in words. */
  isolationOf(pool: string): string {
    return this.pools.get(pool)?.settings.image.isolation ?? 'none';
  }

  /** The machine was given to an attempt. */
  assigned(id: string): void {
    const found = this.locate(id);
    if (!found) return;
    found.machine.move('assigned');
    this.parts.events.emit('machine', id);
  }

  /** Begins to make machines: how many more for each pool, by its name. */
  make(counts: ReadonlyMap<string, number>): void {
    for (const pool of this.pools.values()) pool.make(counts.get(pool.settings.name) ?? 0);
  }

  find(id: string): FoundMachine | null {
    const found = this.locate(id);
    if (!found) return null;
    const { interpreters } = found.pool.settings.image;
    return {
      driver: found.pool.driver,
      interpreterFor: (wanted) => (wanted === null ? null : (matchInterpreter(wanted, interpreters)?.interpreter ?? null)),
    };
  }

  /** A machine has served: it is destroyed, and never used again. Resolves at once; the pool goes on until it is gone. */
  release(id: string): Promise<void> {
    const found = this.locate(id);
    if (found) void found.pool.destroy(found.machine).then(() => this.parts.events.emit('wake'));
    return Promise.resolve();
  }

  machineView(id: string): MachineView | null {
    const found = this.locate(id);
    return found ? viewOf(found.machine, found.pool) : null;
  }

  machineViews(): MachineView[] {
    return [...this.pools.values()].flatMap((pool) => [...pool.machines.values()].map((machine) => viewOf(machine, pool)));
  }

  poolViews(): PoolView[] {
    return [...this.pools.values()].map(poolView);
  }

  private async open(config: PoolConfig, signal: AbortSignal): Promise<MachinePool> {
    const driver = this.parts.registry.get('runner', config.runner);
    const images = await driver.describe(signal);
    const image = images.find((candidate) => candidate.image === config.image);
    if (!image) {
      const offered = images.map((candidate) => candidate.image).join(', ') || 'none';
      throw new Error(`pool ${config.name}: the runner ${config.runner} has no image "${config.image}". It has: ${offered}.`);
    }
    const hooks = {
      ready: async (machine: Machine) => {
        await insertReady(this.parts.database.pool, machine, this.parts.owner, config.runner, config.image);
        this.parts.events.emit('wake');
      },
      gone: (machine: Machine) => deleteMachines(this.parts.database.pool, [machine.id]),
      changed: (machine: Machine) => void this.parts.events.emit('machine', machine.id),
    };
    return new MachinePool({ name: config.name, image, jobs: config.jobs, ready: config.ready }, driver, hooks, this.parts.logger);
  }

  /** Machines with an attempt go on; every other one of an earlier process is destroyed: it may have been half-way to a job. */
  private async adopt(): Promise<void> {
    for (const left of await takeOverMachines(this.parts.database.pool, this.parts.owner)) {
      const pool = this.pools.get(left.pool);
      if (!pool) {
        this.parts.logger.warn('a machine of a pool that is no longer configured is left to its driver', { machine: left.id, pool: left.pool });
        continue;
      }
      const machine = new Machine(left.id, left.pool, left.busy ? 'assigned' : 'ready', left.createdAt);
      pool.adopt(machine);
      if (!left.busy) void pool.destroy(machine);
    }
  }

  /** Destroys what a driver has and nobody knows: left by a process that died before it could say so. */
  private async reap(signal: AbortSignal): Promise<void> {
    const drivers = new Set([...this.pools.values()].map((pool) => pool.driver));
    for (const driver of drivers) {
      for (const id of await driver.list(signal)) {
        if (this.locate(id)) continue;
        this.parts.logger.info('destroying a machine that nobody knows', { machine: id });
        await driver.destroy(id, signal);
      }
    }
  }

  private async reapQuietly(): Promise<void> {
    try {
      await this.reap(AbortSignal.timeout(REAP_MS));
    } catch (error) {
      this.parts.logger.warn('looking for lost machines failed; trying again', { error });
    }
  }

  private locate(id: string): { pool: MachinePool; machine: Machine } | null {
    for (const pool of this.pools.values()) {
      const machine = pool.machines.get(id);
      if (machine) return { pool, machine };
    }
    return null;
  }
}

function poolView(pool: MachinePool): PoolView {
  const { name, image, jobs, ready } = pool.settings;
  return {
    name,
    driver: image.image,
    image: image.image,
    isolation: image.isolation,
    isolationNote: image.isolationNote,
    system: image.system,
    architecture: image.architecture,
    interpreters: image.interpreters.map((interpreter) => ({ name: interpreter.name, version: interpreter.version })),
    ready: pool.count('ready'),
    wantedReady: ready,
    busy: pool.count('assigned'),
    limit: jobs,
    problem: pool.problem,
  };
}

function viewOf(machine: Machine, pool: MachinePool): MachineView {
  return {
    id: machine.id,
    pool: machine.pool,
    image: pool.settings.image.image,
    state: machine.state,
    job: null,
    reason: machine.reason,
    createdAt: machine.createdAt.toISOString(),
    since: machine.since.toISOString(),
  };
}
