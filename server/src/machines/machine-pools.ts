import type { Interpreter, Logger, RunnerDriver } from '#plugins/api';
import type { HostView, ImageView } from '#server/api';
import type { DomainEvents } from '../common/domain-events.ts';
import { ConfigError, type ConfigProblem, type PoolConfig } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import { DeniedAttempts, type WatchedMachine } from './denied.ts';
import { HostBook } from './host-book.ts';
import { imageViews } from './image-views.ts';
import { adoptable, heldMachines, type LeftMachine, nobodyTookOver, takeOverMachines } from './left-machines.ts';
import { Holds } from './holds.ts';
import { MachinePool } from './machine-pool.ts';
import { MachineRows } from './machine-rows.ts';
import type { Machine } from './machine.ts';
import { inTime, unfulfilled } from './making.ts';
import { NO_PACKAGES, packageAccess, type PackageSource, wayToPackages } from './package-access.ts';
import { PoolHistory } from './pool-history.ts';
import { imageFor, PoolImages } from './pool-images.ts';
import { PoolSet } from './pool-set.ts';
import { machineView } from './pool-views.ts';
import { Reaper } from './reaper.ts';
import { Upkeep } from './upkeep.ts';

export type { FoundMachine } from './pool-set.ts';

export interface MachinePoolsParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly owner: string;
  /** How many days it is remembered how machines lived and pools stood. */
  readonly machineDays: number;
  /** The cache of packages. Absent: there is none. */
  readonly packages?: PackageSource;
  /** Interpreters that jobs on an image can be given although it does not carry them. Absent: none. */
  readonly offersFor?: (image: string) => readonly Interpreter[];
}

/** How long a runner may take to say what its images are, where a machine waits for it. */
const DESCRIBE_MS = 60_000;

/** All pools of the installation, and all that happens to their machines. */
export class MachinePools extends PoolSet {
  private readonly rows: MachineRows;
  private readonly reaper: Reaper;
  private readonly images: PoolImages;
  private readonly denied: DeniedAttempts;
  private readonly hosts: HostBook;
  private readonly history: PoolHistory;
  private readonly closing = new AbortController();
  private leading = false;
  private readonly holds = new Holds((id) => void this.release(id));
  /** Machines that have served while it was not known whether another server had taken them over. */
  private readonly heldBack = new Set<string>();

  constructor(private readonly parts: MachinePoolsParts) {
    super(parts.offersFor ?? (() => []));
    const { database, events, registry, logger, owner, machineDays } = parts;
    const { pools } = this;
    this.rows = new MachineRows(database.pool, owner);
    const upkeep = new Upkeep({ database: database.pool, owner, logger, wake: () => events.emit('wake') });
    this.images = new PoolImages(registry, pools, (pool, signal) => upkeep.tidy(pool, signal));
    this.denied = new DeniedAttempts(database.pool, events, logger);
    this.hosts = new HostBook(registry, logger);
    this.history = new PoolHistory({ database: database.pool, logger, days: machineDays, snapshot: () => this.snapshot() });
    const { rows, images } = this;
    this.reaper = new Reaper({ database: database.pool, rows, registry, logger, pools, images, upkeep, checkHeld: () => this.checkHeld() });
  }

  /**
   * Asks every runner what it can make. Throws a `ConfigError` if one does not have the image of a pool, unless images are made there: then the pool waits
   * for it; or if a pool wishes for what its runner does not fulfil.
   */
  async open(configs: readonly PoolConfig[], signal: AbortSignal): Promise<void> {
    const problems: ConfigProblem[] = [];
    for (const config of configs) this.pools.set(config.name, await this.openPool(config, problems, signal));
    if (problems.length > 0) throw new ConfigError(problems);
  }

  /** With the right to schedule: takes over what earlier processes left. Whoever schedules then says what to make. */
  async lead(): Promise<void> {
    await this.adopt();
    this.resume();
  }

  /** The right to schedule is lost, perhaps for a moment: from now on nothing is made, and nothing destroyed that another server may have taken over. */
  pause(): void {
    this.leading = false;
    this.denied.stop();
    this.history.stop();
    void this.reaper.stop();
  }

  /** The right is back, and nobody else had it. */
  resume(): void {
    this.leading = true;
    const served = [...this.heldBack];
    this.heldBack.clear();
    for (const id of served) void this.release(id);
    this.reaper.start();
    this.history.start();
    this.denied.start(() => this.watched());
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
    this.holds.clear();
    for (const pool of this.pools.values()) pool.standDown();
  }

  /** Stops making machines. Assigned ones stay for the next process; idle ones are destroyed. */
  async stop(): Promise<void> {
    this.pause();
    this.holds.clear();
    this.closing.abort(new Error('the server stops'));
    await this.reaper.stop();
    await this.history.stopped;
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }

  /** The machine was given to an attempt of a job. One that is being destroyed stays so: the attempt then finds no machine. */
  assigned(id: string, jobId: number): void {
    const found = this.locate(id);
    if (found === null) return;
    found.machine.jobId = jobId;
    if (found.machine.state !== 'ready') return;
    found.machine.move('assigned');
    this.parts.events.emit('machine', id);
  }

  /** Begins to make machines: how many more for each pool, by its name. */
  make(counts: ReadonlyMap<string, number>): void {
    if (!this.leading) return;
    for (const pool of this.pools.values()) pool.make(counts.get(pool.settings.name) ?? 0);
  }

  /** A machine has served: it is destroyed, and never used again. Resolves at once; the pool goes on until it is gone. */
  release(id: string): Promise<void> {
    this.holds.end(id);
    const found = this.locate(id);
    if (found && this.leading) void found.pool.destroy(found.machine);
    else if (found) this.heldBack.add(id);
    // One job fewer runs in its pool, and another machine may be made, before this one is gone.
    this.parts.events.emit('wake');
    return Promise.resolve();
  }

  /**
   * A machine has served, and is kept for a person to look into until then: it is destroyed at that moment, or by `unhold`. To be written down in its
   * attempt's `held_until` first: that is what a later process goes by, and what this one follows within half a minute.
   */
  hold(id: string, until: Date): void {
    const found = this.locate(id);
    if (found?.machine.state !== 'assigned') return;
    found.machine.releasedAt ??= new Date();
    found.machine.reason = `held for a person to look into it, until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    this.holds.hold(id, until);
    this.parts.events.emit('machine', id);
  }

  /** Nobody needs it any more: it is destroyed now. Does nothing for a machine that is not held here. */
  async unhold(id: string): Promise<void> {
    if (this.holds.untilOf(id) !== null) await this.release(id);
  }

  /** Whether any pool's machines can reach the cache of packages, given by which address machines elsewhere do (null: by none). */
  wantPackages(url: string | null): boolean {
    return [...this.pools.values()].some(({ settings, driver }) => wayToPackages(settings, driver, url) !== null);
  }

  /** The hosts of all runners. */
  hostViews(): Promise<HostView[]> {
    return this.hosts.all();
  }

  /** The images that are made and kept here, of all runners. */
  imageViews(): Promise<ImageView[]> {
    return imageViews(this.parts.registry, this.closing.signal);
  }

  private async openPool(config: PoolConfig, problems: ConfigProblem[], signal: AbortSignal): Promise<MachinePool> {
    const driver = this.parts.registry.get('runner', config.runner);
    const where = `pool "${config.name}"`;
    for (const wish of unfulfilled(config, driver))
      problems.push({ where, text: `the runner "${config.runner}" cannot fulfil "${wish}" for its machines: leave it out.` });
    const image = imageFor(config, await driver.describe(signal), driver);
    if (typeof image === 'string' && driver.images === undefined) problems.push({ where, text: image });
    const pool = this.newPool(config, driver);
    pool.see(image);
    return pool;
  }

  private newPool(config: PoolConfig, driver: RunnerDriver): MachinePool {
    const row = (machine: Machine) => ({ machine, driver: config.runner, image: config.image });
    const pool: MachinePool = new MachinePool(
      config,
      driver,
      {
        packages: () => packageAccess(config, driver, this.parts.packages ?? NO_PACKAGES),
        ready: (machine) => this.rows.ready(row(machine)),
        leaving: (machine) => this.denied.note({ machine, driver }),
        gone: (machine) => this.rows.gone(row(machine)),
        changed: (machine) => this.changed(machine, pool),
        imageDiffers: () => inTime(DESCRIBE_MS, 'its runner does not say what it is', (signal) => this.images.look(config.runner, signal)),
      },
      this.parts.logger,
    );
    return pool;
  }

  private changed(machine: Machine, pool: MachinePool): void {
    if (machine.state === 'gone') this.departs(machine, pool);
    this.parts.events.emit('machine', machine.id);
    if (machine.state === 'ready' || machine.state === 'gone') this.parts.events.emit('wake');
  }

  private departs(machine: Machine, pool: MachinePool): void {
    this.departed.add(machineView(machine, pool));
    // One that was never made has freed no place.
    if (machine.readyAt === null) return;
    for (const other of this.pools.values()) if (other.driver === pool.driver) other.placeIsFree();
  }

  /** Machines with an attempt go on, and so do those that are held; every other one of an earlier process is destroyed: it may have been half-way to a job. */
  private async adopt(): Promise<void> {
    for (const left of await takeOverMachines(this.parts.database.pool, this.parts.owner)) {
      if (this.locate(left.id)) continue;
      const pool = this.pools.get(left.pool);
      if (pool === undefined || pool.settings.runner !== left.driver) this.reaper.addStray(left);
      else this.adoptOne(pool, left);
    }
  }

  private adoptOne(pool: MachinePool, left: LeftMachine): void {
    const machine = adoptable(left);
    pool.adopt(machine);
    if (left.heldUntil !== null && !left.busy) this.hold(left.id, left.heldUntil);
    else if (!left.busy) void pool.destroy(machine, 'an earlier server process left it');
  }

  /** What is written down holds: another server may have let a machine go, or have held it longer. */
  private async checkHeld(): Promise<void> {
    const known = this.holds.all();
    if (known.size === 0) return;
    const written = await heldMachines(this.parts.database.pool, [...known.keys()]);
    for (const [id, until] of known) {
      // What changed meanwhile is newer than what was read.
      if (this.holds.untilOf(id) !== until) continue;
      const now = written.get(id);
      if (now === undefined) await this.release(id);
      else if (now.getTime() !== until.getTime()) this.hold(id, now);
    }
  }

  private watched(): WatchedMachine[] {
    return [...this.pools.values()].flatMap(({ machines, driver }) =>
      [...machines.values()].filter((machine) => machine.state === 'assigned').map((machine) => ({ machine, driver })),
    );
  }
}
