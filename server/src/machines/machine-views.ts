import type { Pool } from 'pg';
import type { ImageView, MachineLife, MachineView, MachinesView, PoolHistory } from '#server/api';
import type { Readable } from '../auth/rights.ts';
import { hideJobs } from './hide-jobs.ts';
import { readJobs, readLives, readPoolHistory } from './past-views.ts';
import type { MachinePools } from './machine-pools.ts';
import { waitingJobs } from './waiting-jobs.ts';

/** Machines as clients see them, with the jobs they run. */
export class MachineViews {
  constructor(
    private readonly pool: Pool,
    private readonly pools: MachinePools,
  ) {}

  /** `readable`: of which projects jobs are shown. */
  async all(readable: Readable): Promise<MachinesView> {
    const [waiting, machines, hosts] = await Promise.all([
      waitingJobs(this.pool, this.pools.snapshot()),
      this.withJobs(this.pools.machineViews()),
      this.pools.hostViews(),
    ]);
    return { pools: this.pools.poolViews(waiting), machines: await hideJobs(this.pool, readable, machines), hosts };
  }

  /** The last `limit` machines' lives, of one pool or of all: those that exist first, then the others by their ends. */
  async lives(limit: number, pool: string | null, readable: Readable): Promise<MachineLife[]> {
    const living = this.pools.lives().filter((life) => pool === null || life.pool === pool);
    return await hideJobs(this.pool, readable, await readLives(this.pool, living, limit, pool));
  }

  /** How each pool stood over the last `hours`: those that are configured first, in their order. */
  async history(hours: number): Promise<PoolHistory[]> {
    return await readPoolHistory(this.pool, this.pools.names(), hours, new Date());
  }

  images(): Promise<ImageView[]> {
    return this.pools.imageViews();
  }

  /** Views of those of the machines that still exist. */
  async some(ids: readonly string[]): Promise<MachineView[]> {
    return await this.withJobs(ids.flatMap((id) => this.pools.machineView(id) ?? []));
  }

  private async withJobs(machines: readonly MachineView[]): Promise<MachineView[]> {
    const ids = this.pools.jobsOf(machines.filter((machine) => machine.state === 'assigned').map((machine) => machine.id));
    const jobs = await readJobs(this.pool, [...ids.values()]);
    return machines.map((machine) => ({ ...machine, job: jobs.get(ids.get(machine.id) ?? 0) ?? null }));
  }
}
