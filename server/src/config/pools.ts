import type { MachineResources } from '#plugins/api';
import type { ReadFile } from './file.ts';
import type { InstanceConfig } from './instances.ts';
import type { ConfigProblem } from './problems.ts';
import { PoolInput } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** The machines of one image at one runner. */
export interface PoolConfig {
  readonly name: string;
  /** The runner's instance. */
  readonly runner: string;
  readonly image: string;
  /** How many jobs run at once; at least 1. */
  readonly jobs: number;
  /** How many machines are kept ready; 0 to `jobs`. */
  readonly ready: number;
  /** How many machines at most; at least `jobs`. */
  readonly machines: number;
  /** See `PoolInput`. */
  readonly maxReadyMinutes: number;
  readonly idleMinutes: number;
  readonly allow: readonly string[];
  readonly resources: MachineResources | null;
  readonly licenses: readonly string[];
  readonly cache: boolean;
}

const READY = 2;

/** The file's pools, or one of this computer where the file does not mention pools. `cores` is at least 1. */
export function pools(file: ReadFile, all: readonly InstanceConfig[], cores: number, problems: ConfigProblem[]): PoolConfig[] {
  const given = file.content.pools;
  if (given === undefined)
    return all.some(({ name }) => name === 'local') ? [complete(PoolInput.parse({ name: 'local', runner: 'local', image: 'local' }), cores)] : [];
  const runners = all.map(({ name }) => name);
  const seen = new Set<string>();
  for (const [index, pool] of given.entries()) {
    const report = (key: string, text: string) => problems.push({ where: file.locate(['pools', index, key]), text });
    if (seen.has(pool.name)) report('name', `"${pool.name}" is the name of two pools.`);
    if (!runners.includes(pool.runner)) report('runner', `there is no plugin instance "${pool.runner}".${didYouMean(pool.runner, runners)}`);
    const { jobs, ready, machines } = complete(pool, cores);
    if (ready > jobs) report('ready', `${ready} machines cannot be kept ready where only ${jobs} jobs run at once.`);
    if (machines < jobs) report('machines', `${jobs} jobs cannot run at once on ${machines} machines.`);
    if (machines < ready) report('machines', `${ready} machines cannot be kept ready where there are ${machines} at most.`);
    seen.add(pool.name);
  }
  return given.map((pool) => complete(pool, cores));
}

function complete(pool: PoolInput, cores: number): PoolConfig {
  const jobs = pool.jobs ?? Math.max(1, cores);
  const ready = pool.ready ?? Math.min(READY, jobs);
  const { name, runner, image, maxReadyMinutes, idleMinutes, allow, licenses, cache, resources = null } = pool;
  return {
    name,
    runner,
    image,
    jobs,
    ready,
    machines: pool.machines ?? jobs + ready,
    maxReadyMinutes,
    idleMinutes,
    allow,
    licenses,
    cache,
    resources,
  };
}
