import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageDescription, Logger, RunnerDriver } from '#plugins/api';
import { type Config, loadConfig } from '../../config/index.ts';
import { type LoadedPlugins, loadPlugins, MemoryStore } from '../../plugins/index.ts';
import type { Io } from '../verb.ts';

/** What `run` works with: the plugins of the configuration, on machines of this computer, in a folder that is thrown away. */
export interface Workshop {
  readonly config: Config;
  readonly registry: LoadedPlugins['registry'];
  readonly driver: RunnerDriver;
  readonly image: ImageDescription;
  /** How many jobs at once. */
  readonly jobs: number;
  readonly scratch: string;
}

/** Calls `use` with a workshop; afterwards nothing of it is left: no machine, no process, no folder. */
export async function withWorkshop<Result>(
  io: Io,
  { network, signal }: { readonly network: boolean; readonly signal: AbortSignal },
  use: (workshop: Workshop) => Promise<Result>,
): Promise<Result> {
  const read = loadConfig({ env: io.env, cwd: io.cwd });
  const config = network ? withNetwork(read) : read;
  const scratch = await mkdtemp(join(tmpdir(), 'terrarium-run-'));
  try {
    const deps = {
      installation: `run-${process.pid}`,
      folder: join(scratch, 'plugins'),
      logger: (name: string) => logger(name, io),
      store: () => new MemoryStore(),
    };
    const loaded = await loadPlugins(config, deps);
    try {
      return await use({ config, registry: loaded.registry, scratch, ...(await local(config, loaded, signal)) });
    } finally {
      await loaded.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The configuration with the local runner's jobs on the host's own network. */
function withNetwork(config: Config): Config {
  const plugins = config.plugins.map((one) => (one.plugin === 'runner-local' ? { ...one, config: { ...one.config, network: 'host' } } : one));
  return { ...config, plugins };
}

async function local(config: Config, loaded: LoadedPlugins, signal: AbortSignal): Promise<Pick<Workshop, 'driver' | 'image' | 'jobs'>> {
  const pool = config.pools[0];
  if (!pool) throw new Error('The configuration has no pool of machines: add one, or leave "pools" out for machines of this computer.');
  const driver = loaded.registry.get('runner', pool.runner);
  const images = await driver.describe(signal);
  const image = images.find((one) => one.image === pool.image);
  if (!image)
    throw new Error(`The runner ${pool.runner} has no image "${pool.image}"; it has: ${images.map((one) => one.image).join(', ') || 'none'}.`);
  return { driver, image, jobs: pool.jobs };
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
