import type { ImageDescription, Interpreter, Requirements, RunnerDriver } from '#plugins/api';
import type { MachineView, PoolView } from '#server/api';
import { matchInterpreter } from '../scheduling/match-interpreter.ts';
import { type JobCompiler, jobCompiler } from '../toolchains/msvc.ts';
import type { KeptPool } from '../scheduling/plan-types.ts';
import type { MachinePool } from './machine-pool.ts';
import type { Machine } from './machine.ts';
import { type Life, lifeOf } from './past-views.ts';
import { DepartedMachines, machineView, poolView } from './pool-views.ts';
import { agedMachines } from './upkeep.ts';

/** A machine that runs an attempt, with what its execution must know. */
export interface FoundMachine {
  readonly driver: RunnerDriver;
  /** What it was made from; null where an earlier process made it of an image that is no more. */
  readonly image: ImageDescription | null;
  readonly interpreterFor: (wanted: string | null) => Interpreter | null;
  readonly compilerFor: (wanted: Requirements) => JobCompiler | null;
  /** By which its job reaches the cache of packages; null: not at all. */
  readonly packages: string | null;
}

/** Pools by their names, and what is asked of them; nothing here changes them. */
export class PoolSet {
  protected readonly pools = new Map<string, MachinePool>();
  protected readonly departed = new DepartedMachines();

  /** `offersFor`: interpreters that a job on an image can be given although the image does not carry them. */
  constructor(private readonly offersFor: (image: string) => readonly Interpreter[]) {}

  /** In words: the pools that never had an image. What they will be able to run is not known. */
  get awaited(): string[] {
    return [...this.pools.values()].flatMap(({ image, settings }) =>
      image === null ? [`pool ${settings.name} has no image ${settings.image} yet`] : [],
    );
  }

  /** How the pools stand, for the planner. One that never had an image is not among them. */
  snapshot(): KeptPool[] {
    const now = Date.now();
    return [...this.pools.values()].flatMap((pool) => (pool.image === null ? [] : [keptPool(pool, this.withOffers(pool.image), now)]));
  }

  /** Ready machines of a pool, oldest first. */
  readyMachines(pool: string): Machine[] {
    return this.pools.get(pool)?.ready() ?? [];
  }

  /** Whether every job on a pool's machines needs a licensed seat. */
  needsLicense(pool: string): boolean {
    return (this.pools.get(pool)?.settings.licenses.length ?? 0) > 0;
  }

  /** How well the machines of a pool are kept apart, in words. */
  isolationOf(pool: string): string {
    return this.pools.get(pool)?.image?.isolation ?? 'none';
  }

  /** A machine that is there, whatever its state. */
  find(id: string): FoundMachine | null {
    const found = this.locate(id);
    if (!found) return null;
    const own = found.machine.image ?? found.pool.image;
    const image = own === null ? null : this.withOffers(own);
    const interpreterFor = (wanted: string | null): Interpreter | null =>
      wanted === null ? null : (matchInterpreter(wanted, image === null ? [] : [image])?.interpreter ?? null);
    const compilerFor = ({ compiler, interpreter }: Requirements): JobCompiler | null =>
      compiler === undefined || image === null ? null : jobCompiler(compiler, interpreterFor(interpreter)?.name ?? null, image);
    return { driver: found.pool.driver, image, interpreterFor, compilerFor, packages: found.machine.packages };
  }

  /** A machine that is there, or the last view of one that has just gone; without its job. */
  machineView(id: string): MachineView | null {
    const found = this.locate(id);
    return found ? machineView(found.machine, found.pool) : this.departed.get(id);
  }

  machineViews(): MachineView[] {
    return [...this.pools.values()].flatMap((pool) => [...pool.machines.values()].map((machine) => machineView(machine, pool)));
  }

  /** `waiting`: how many jobs wait for each pool, by its name; whoever does not look at that gives none. */
  poolViews(waiting: ReadonlyMap<string, number> = new Map()): PoolView[] {
    return [...this.pools.values()].map((pool) => poolView(pool, waiting.get(pool.settings.name) ?? 0));
  }

  /** The names of all pools, in the order of the configuration. */
  names(): string[] {
    return [...this.pools.keys()];
  }

  /** The jobs that machines have or had last, of those that exist. */
  jobsOf(ids: readonly string[]): Map<string, number> {
    const machines = ids.flatMap((id) => this.locate(id)?.machine ?? []);
    return new Map(machines.flatMap(({ id, jobId }) => (jobId === null ? [] : [[id, jobId] as const])));
  }

  /** The lives of all machines that exist. */
  lives(): Life[] {
    return [...this.pools.values()].flatMap((pool) => [...pool.machines.values()].map((machine) => lifeOf(machine, pool.settings.image)));
  }

  /** An image with what jobs can be given on it besides what it carries. */
  private withOffers(image: ImageDescription): ImageDescription {
    const offers = this.offersFor(image.image);
    return offers.length === 0 ? image : { ...image, interpreters: [...image.interpreters, ...offers] };
  }

  protected locate(id: string): { pool: MachinePool; machine: Machine } | null {
    for (const pool of this.pools.values()) {
      const machine = pool.machines.get(id);
      if (machine) return { pool, machine };
    }
    return null;
  }
}

function keptPool(pool: MachinePool, image: ImageDescription, now: number): KeptPool {
  return {
    name: pool.settings.name,
    image,
    limit: pool.settings.jobs,
    busy: pool.count('assigned'),
    ready: pool.ready().length,
    readyOn: countByHost(pool.ready()),
    licenses: pool.settings.licenses,
    creating: pool.count('creating'),
    wantedReady: pool.settings.ready,
    aged: agedMachines(pool, now).length,
    room: pool.room,
  };
}

function countByHost(machines: readonly Machine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { origin } of machines) if (origin.host !== null) counts.set(origin.host, (counts.get(origin.host) ?? 0) + 1);
  return counts;
}
