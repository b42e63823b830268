import type { ImageDescription, RunnerDriver } from '#plugins/api';
import type { PoolConfig } from '../config/index.ts';
import type { Registry } from '../plugins/index.ts';
import type { MachinePool } from './machine-pool.ts';

/** The image of a pool among those that its runner has; or what is wrong, in words. */
export function imageFor({ runner, image }: PoolConfig, images: readonly ImageDescription[], driver: RunnerDriver): ImageDescription | string {
  const found = images.find((candidate) => candidate.image === image);
  if (found !== undefined) return found;
  if (driver.images !== undefined) return `no image ${image} yet: terrarium image build ${image}`;
  return `the runner "${runner}" has no image "${image}". It has: ${images.map((candidate) => candidate.image).join(', ') || 'none'}.`;
}

/** Lets pools follow what their runners say of images, which are made anew while the server runs. */
export class PoolImages {
  private readonly looking = new Map<string, Promise<void>>();

  constructor(
    private readonly registry: Registry,
    private readonly pools: ReadonlyMap<string, MachinePool>,
    private readonly tidy: (pool: MachinePool, signal: AbortSignal) => Promise<void>,
  ) {}

  /** Asks a runner again; its pools follow, and machines of former images go. Who asks while it is being asked gets the same answer. */
  async look(runner: string, signal: AbortSignal): Promise<void> {
    const looking = this.looking.get(runner) ?? this.ask(runner, signal).finally(() => this.looking.delete(runner));
    this.looking.set(runner, looking);
    await looking;
  }

  private async ask(runner: string, signal: AbortSignal): Promise<void> {
    const driver = this.registry.get('runner', runner);
    const pools = [...this.pools.values()].filter(({ settings }) => settings.runner === runner);
    if (pools.length === 0) return;
    const images = await driver.describe(signal);
    for (const pool of pools) {
      pool.see(imageFor(pool.settings, images, driver));
      await this.tidy(pool, signal);
    }
  }
}
