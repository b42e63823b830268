import type { Interpreter, Logger, RunnerDriver } from '#plugins/api';
import type { MachineView, PoolView } from '#server/api';
import type { DomainEvents } from '../common/domain-events.ts';
import { ConfigError, type PoolConfig } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import { matchInterpreter } from '../scheduling/match-interpreter.ts';
import type { KeptPool } from '../scheduling/plan-types.ts';
import { MachinePool } from './machine-pool.ts';
import { MachineRows, nobodyTookOver, takeOverMachines } from './machine-rows.ts';
import { Machine } from './machine.ts';
import { DepartedMachines, machineView, poolView } from './pool-views.ts';
import { Reaper } from './reaper.ts';

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

/** All pools of the installation. */
export class MachinePools {
  private readonly pools = new Map<string, MachinePool>();
  private readonly rows: MachineRows;
  private readonly reaper: Reaper;
  private readonly departed = new DepartedMachines();
  private leading = false;
  /** Machines that have served while it was not known whether another server had taken them over. */
  private readonly heldBack = new Set<string>();

  constructor(private readonly parts: MachinePoolsParts) {
    const { database, registry, logger } = parts;
    this.rows = new MachineRows(database.pool);
    this.reaper = new Reaper({ database: database.pool, rows: this.rows, registry, logger, pools: this.pools });
  }

  /** Asks every runner what it can make. Throws a `ConfigError` if one does not have the image of a pool. */
  async open(configs: readonly PoolConfig[], signal: AbortSignal): Promise<void> {
    for (const config of configs) this.pools.set(config.name, await this.openPool(config, signal));
  }

  /** With the right to schedule: takes over what earlier processes left. Whoever schedules then says what to make. */
  async lead(): Promise<void> {
    await this.adopt();
    this.resume();
  }

  /** The right to schedule is lost, perhaps for a moment: from now on nothing is made, and nothing destroyed that another server may have taken over. */
  pause(): void {
    this.leading = false;
    void this.reaper.stop();
  }

  /** The right is back, and nobody else had it. */
  resume(): void {
    this.leading = true;
    const served = [...this.heldBack];
    this.heldBack.clear();
    for (const id of served) void this.release(id);
    this.reaper.start();
  }

  /** Whether no other server took over anything since this one was paused. */
  async isUntouched(): Promise<boolean> {
    const machines = [...this.pools.values()].flatMap((pool) => [...pool.machines.values()]);
    const ours = machines.filter((machine) => machine.state === 'ready' || machine.state === 'assigned').map((machine) => machine.id);
    return await nobodyTookOver(this.parts.database.pool, this.parts.owner, ours);
  }

  /** Another server has taken over: lets go of everything. */
  standDown(): void {
    this.heldBack.clear();
    for (const pool of this.pools.values()) pool.standDown();
  }

  /** Stops making machines. Assigned ones stay for the next process; idle ones are destroyed. */
  async stop(): Promise<void> {
    this.leading = false;
    await this.reaper.stop();
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
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
      aged: 0,
      room: pool.settings.jobs + pool.settings.ready,
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

  /** The machine was given to an attempt. One that is being destroyed stays so: the attempt then finds no machine. */
  assigned(id: string): void {
    const found = this.locate(id);
    if (found?.machine.state !== 'ready') return;
    found.machine.move('assigned');
    this.parts.events.emit('machine', id);
  }

  /** Begins to make machines: how many more for each pool, by its name. */
  make(counts: ReadonlyMap<string, number>): void {
    if (!this.leading) return;
    for (const pool of this.pools.values()) pool.make(counts.get(pool.settings.name) ?? 0);
  }

  find(id: string): FoundMachine | null {
    const found = this.locate(id);
    if (!found) return null;
    const { image } = found.pool.settings;
    return {
      driver: found.pool.driver,
      interpreterFor: (wanted) => (wanted === null ? null : (matchInterpreter(wanted, [image])?.interpreter ?? null)),
    };
  }

  /** A machine has served: it is destroyed, and never used again. Resolves at once; the pool goes on until it is gone. */
  release(id: string): Promise<void> {
    const found = this.locate(id);
    if (found && this.leading) void found.pool.destroy(found.machine).then(() => this.parts.events.emit('wake'));
    else if (found) this.heldBack.add(id);
    return Promise.resolve();
  }

  /** A machine that is there, or the last view of one that has just gone; without its job. */
  machineView(id: string): MachineView | null {
    const found = this.locate(id);
    return found ? machineView(found.machine, found.pool) : this.departed.get(id);
  }

  machineViews(): MachineView[] {
    return [...this.pools.values()].flatMap((pool) => [...pool.machines.values()].map((machine) => machineView(machine, pool)));
  }

  poolViews(): PoolView[] {
    return [...this.pools.values()].map(poolView);
  }

  private async openPool(config: PoolConfig, signal: AbortSignal): Promise<MachinePool> {
    const { registry, logger, owner } = this.parts;
    const driver = registry.get('runner', config.runner);
    const images = await driver.describe(signal);
    const image = images.find((candidate) => candidate.image === config.image);
    if (!image) {
      const offered = images.map((candidate) => candidate.image).join(', ') || 'none';
      const text = `the runner "${config.runner}" has no image "${config.image}". It has: ${offered}.`;
      throw new ConfigError([{ where: `pool "${config.name}"`, text }]);
    }
    const hooks = {
      ready: (machine: Machine) => this.rows.ready({ machine, owner, driver: config.runner, image: config.image }),
      gone: (machine: Machine) => this.rows.gone(machine.id),
      changed: (machine: Machine) => this.changed(machine),
    };
    const { name, runner, jobs, ready, allow, resources } = config;
    return new MachinePool({ name, runner, image, jobs, ready, allow, resources }, driver, hooks, logger);
  }

  private changed(machine: Machine): void {
    const found = machine.state === 'gone' ? this.locate(machine.id) : null;
    if (found) this.departed.add(machineView(machine, found.pool));
    this.parts.events.emit('machine', machine.id);
    if (machine.state === 'ready') this.parts.events.emit('wake');
  }

  /** Machines with an attempt go on; every other one of an earlier process is destroyed: it may have been half-way to a job. */
  private async adopt(): Promise<void> {
    for (const left of await takeOverMachines(this.parts.database.pool, this.parts.owner)) {
      if (this.locate(left.id)) continue;
      const pool = this.pools.get(left.pool);
      if (pool === undefined || pool.settings.runner !== left.driver) {
        this.reaper.addStray(left);
        continue;
      }
      const machine = new Machine(left.id, left.pool, left.busy ? 'assigned' : 'ready', left.createdAt);
      pool.adopt(machine);
      if (!left.busy) void pool.destroy(machine);
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
