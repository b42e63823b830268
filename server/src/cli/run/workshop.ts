import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageDescription, Logger, RunnerDriver } from '#plugins/api';
import { type Config, loadConfig } from '../../config/index.ts';
import { type LoadedPlugins, loadPlugins, MemoryStore } from '../../plugins/index.ts';
import type { Io } from '../verb.ts';
import { removeLeftovers, SCRATCH_PREFIX } from './leftovers.ts';
import { MachineRemover } from './machine-remover.ts';
import { claim, ownerHere } from './scratch-owner.ts';

/** What `run` works with: the plugins of the configuration, on machines of this computer, in a folder that is thrown away. */
export interface Workshop {
  readonly config: Config;
  readonly registry: LoadedPlugins['registry'];
  readonly driver: RunnerDriver;
  /** Whoever makes a machine has it removed by this. */
  readonly machines: MachineRemover;
  readonly image: ImageDescription;
  /** Whether jobs reach the network, as far as this computer's own machines go. */
  readonly network: boolean;
  /** How many jobs at once. */
  readonly jobs: number;
  readonly scratch: string;
}

/**
 * Calls `use` with a workshop; afterwards nothing of it is left: no machine, no process, no folder. What a run left that was killed goes first; a machine that
 * cannot be removed is left to the next run in the same way.
 */
export async function withWorkshop<Result>(
  io: Io,
  { network, signal }: { readonly network: boolean; readonly signal: AbortSignal },
  use: (workshop: Workshop) => Promise<Result>,
): Promise<Result> {
  const read = loadConfig({ env: io.env, cwd: io.cwd });
  const config = network ? withNetwork(read) : read;
  const deps = { logger: (name: string) => logger(name, io), store: () => new MemoryStore() };
  const tell = (sentence: string): void => void io.err(`terrarium: ${sentence}\n`);
  await removeLeftovers(tmpdir(), config, deps, tell);
  const installation = `run-${process.pid}`;
  const scratch = await mkdtemp(join(tmpdir(), SCRATCH_PREFIX));
  let clean = true;
  try {
    await claim(scratch, 0, ownerHere(installation));
    const loaded = await loadPlugins(config, { ...deps, installation, folder: join(scratch, 'plugins') });
    try {
      const here = await local(config, loaded, signal);
      const machines = new MachineRemover(here.driver, tell);
      try {
        return await use({ config, registry: loaded.registry, scratch, machines, ...here });
      } finally {
        clean = await machines.finish();
      }
    } finally {
      await loaded.close();
    }
  } finally {
    if (clean) await rm(scratch, { recursive: true, force: true });
  }
}

/** The configuration with the local runner's jobs on the host's own network. */
function withNetwork(config: Config): Config {
  const plugins = config.plugins.map((one) => (one.plugin === 'runner-local' ? { ...one, config: { ...one.config, network: 'host' } } : one));
  return { ...config, plugins };
}

async function local(config: Config, loaded: LoadedPlugins, signal: AbortSignal): Promise<Pick<Workshop, 'driver' | 'image' | 'network' | 'jobs'>> {
  const pool = config.pools[0];
  if (!pool) throw new Error('The configuration has no pool of machines: add one, or leave "pools" out for machines of this computer.');
  const driver = loaded.registry.get('runner', pool.runner);
  const images = await driver.describe(signal);
  const image = images.find((one) => one.image === pool.image);
  if (!image)
    throw new Error(`The runner ${pool.runner} has no image "${pool.image}"; it has: ${images.map((one) => one.image).join(', ') || 'none'}.`);
  const instance = config.plugins.find((one) => one.name === pool.runner);
  const network = image.isolation !== 'sandbox' || instance?.config['network'] === 'host';
  return { driver, image, network, jobs: pool.jobs };
}

/** Only what went wrong is worth a line between the logs of jobs. */
function logger(name: string, io: Io): Logger {
  const ignore = (): void => undefined;
  const tell = (message: string, fields?: Record<string, unknown>): void => {
    const { error } = fields ?? {};
    void io.err(`terrarium [${name}]: ${message}${error instanceof Error ? `: ${error.message}` : ''}\n`);
  };
  return { debug: ignore, info: ignore, warn: tell, error: tell };
}
