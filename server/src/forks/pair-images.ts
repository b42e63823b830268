import type { Pool } from 'pg';
import type { Requirements } from '#plugins/api';
import { demandOf, type IsolationDemand, type IsolationRules, readLevel } from '../builds/isolation-demand.ts';
import { fitter } from '../scheduling/fitting-pools.ts';
import type { PlanPool } from '../scheduling/plan-types.ts';
import type { ImageFor } from './on-fork.ts';

/** Finds the image on which a package is tried on a fork and on its upstream. */
export class PairImages {
  /** `pools`: how they stand now, with what forks have published among the interpreters of their images. */
  constructor(
    private readonly pool: Pool,
    private readonly rules: IsolationRules,
    private readonly pools: () => readonly PlanPool[],
  ) {}

  /** For the jobs of a project: what it demands of machines counts. */
  async of(projectId: number): Promise<ImageFor> {
    const { rows } = await this.pool.query<{ isolation: string }>('select isolation from projects where id = $1', [projectId]);
    const demand = demandOf(this.rules, { project: readLevel(rows[0]?.isolation), stranger: false, queued: 'none' });
    const pools = this.pools();
    return (requirements, sides) => imageOf(pools, requirements, demand, sides);
  }
}

/** The first image that has both. Where none has, one with the fork: its upstream's job then says that there is no upstream on it. Pure. */
export function imageOf(
  pools: readonly PlanPool[],
  requirements: Requirements,
  isolation: IsolationDemand,
  sides: Parameters<ImageFor>[1],
): string | null {
  const fits = fitter(pools);
  const on = (interpreter: string): string[] => fits({ ...requirements, interpreter, isolation }).map(({ pool }) => pool.image.image);
  const [withFork, withUpstream] = [on(sides.fork), new Set(on(sides.upstream))];
  return withFork.find((image) => withUpstream.has(image)) ?? withFork[0] ?? null;
}
