import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageKeeper, Logger } from '#plugins/api';
import { isSystemError } from '../../common/errors.ts';
import { type Config, type InstanceConfig, loadConfig } from '../../config/index.ts';
import { rememberedInstallation } from '../../database/installation-file.ts';
import { type Instance, loadPlugins, MemoryStore } from '../../plugins/index.ts';
import { type Io, UsageError } from '../verb.ts';

/** Built-in plugins that keep no images: they need not be started, next to a server that may be running. */
const WITHOUT_IMAGES = /^(scm|ci|notify)-|^runner-(local|ssh)$/;

const HOW_TO_CONFIGURE = [
  'There is no runner here that keeps images: the machines of this configuration are not made from any.',
  'One that does is runner-qemu. Add to terrarium.config.yml:',
  '',
  '  plugins:',
  '    - plugin: runner-qemu',
  '',
  'A pool of its machines names the image: see docs/IMAGES.md.',
].join('\n');

/**
 * Calls `use` with the images of a runner of the configuration: the one called `name`, or the only one. They lie in the server's own data folder, so that the server finds
 * what is made here, whether it runs meanwhile or not.
 */
export async function withKeeper<Result>(io: Io, name: string | null, use: (keeper: ImageKeeper) => Promise<Result>): Promise<Result> {
  const config = loadConfig({ env: io.env, cwd: io.cwd });
  const plugins = candidates(config, name);
  await ownDataFolder(config.dataFolder);
  const loaded = await loadPlugins(
    { plugins, folder: config.folder },
    {
      installation: (await rememberedInstallation(config.dataFolder)) ?? beforeTheFirstStart(config.dataFolder),
      folder: join(config.dataFolder, 'plugins'),
      logger: (instance) => logger(instance, io),
      store: () => new MemoryStore(),
    },
  );
  try {
    return await use(keeperAmong(loaded.registry.all('runner'), name));
  } finally {
    await loaded.close();
  }
}

/** What is made on hosts before a server has started here belongs to nobody yet; images do not need it. */
function beforeTheFirstStart(dataFolder: string): string {
  return `images-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`;
}

/** The instances that may keep images. Throws a sentence if there can be none. */
function candidates(config: Config, name: string | null): InstanceConfig[] {
  if (name === null) {
    const found = config.plugins.filter(({ plugin }) => !WITHOUT_IMAGES.test(plugin));
    if (found.length === 0) throw new Error(HOW_TO_CONFIGURE);
    return found;
  }
  const found = config.plugins.filter((one) => one.name === name);
  if (found.some(({ plugin }) => WITHOUT_IMAGES.test(plugin))) throw new Error(`The runner ${name} keeps no images.`);
  if (found.length > 0) return found;
  throw new UsageError(`There is no runner ${name}: the configuration has ${config.plugins.map((one) => one.name).join(', ')}.`);
}

/** The keeper of the runner asked for. Throws a sentence that says what is wrong. */
export function keeperAmong(runners: readonly Instance<'runner'>[], name: string | null): ImageKeeper {
  const keepers = runners.flatMap(({ name: own, extension: { images } }) => (images === undefined ? [] : [{ name: own, images }]));
  const [keeper, ...more] = keepers;
  if (!keeper) throw new Error(name === null ? HOW_TO_CONFIGURE : `The runner ${name} keeps no images.`);
  if (more.length === 0) return keeper.images;
  throw new UsageError(`Several runners keep images: say which by --runner: ${keepers.map((one) => one.name).join(', ')}.`);
}

/** What another user makes here could not be read or removed by the server. */
async function ownDataFolder(folder: string): Promise<void> {
  const uid = process.geteuid?.();
  try {
    const owner = (await stat(folder)).uid;
    if (uid !== undefined && owner !== uid)
      throw new Error(`The data folder ${folder} belongs to the user with the number ${owner}, you are ${uid}: call this as that user.`);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

/** Only what went wrong is worth a line. */
function logger(instance: string, io: Io): Logger {
  const ignore = (): void => undefined;
  const tell = (message: string, fields?: Record<string, unknown>): void => {
    const { error } = fields ?? {};
    void io.err(`terrarium [${instance}]: ${message}${error instanceof Error ? `: ${error.message}` : ''}\n`);
  };
  return { debug: ignore, info: ignore, warn: tell, error: tell };
}
