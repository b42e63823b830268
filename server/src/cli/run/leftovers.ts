import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../common/errors.ts';
import type { Config } from '../../config/index.ts';
import { type HostDeps, loadPlugins } from '../../plugins/index.ts';
import { MachineRemover } from './machine-remover.ts';
import { claim, deadOwner, ownerHere } from './scratch-owner.ts';

/** What folders of runs are called, in the folder for temporary ones. */
export const SCRATCH_PREFIX = 'terrarium-run-';

/** Removes what runs have left that were killed: their machines on this computer, and their folders. Never throws: it tells what goes wrong. */
export async function removeLeftovers(
  parent: string,
  config: Config,
  deps: Pick<HostDeps, 'logger' | 'store'>,
  tell: (sentence: string) => void,
): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(SCRATCH_PREFIX)) continue;
    try {
      await removeLeftover(join(parent, name), config, deps, tell);
    } catch (error) {
      // Another run, or its own end, was quicker.
      if (isSystemError(error, 'ENOENT')) continue;
      tell(`what an earlier run left in ${join(parent, name)} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function removeLeftover(
  folder: string,
  config: Config,
  deps: Pick<HostDeps, 'logger' | 'store'>,
  tell: (sentence: string) => void,
): Promise<void> {
  const dead = await deadOwner(folder);
  if (dead === null) return;
  const { installation } = dead.owner;
  if (!(await claim(folder, dead.number + 1, ownerHere(installation)))) return;
  if (await removeMachines(config, { ...deps, installation, folder: join(folder, 'plugins') }, tell))
    await rm(folder, { recursive: true, force: true });
}

/** The machines of a folder are found by runners that are given the same one. Returns whether all are gone. */
async function removeMachines(config: Config, deps: HostDeps, tell: (sentence: string) => void): Promise<boolean> {
  const plugins = config.plugins.filter(({ plugin }) => plugin === 'runner-local');
  const loaded = await loadPlugins({ plugins, folder: config.folder }, deps);
  try {
    let gone = true;
    for (const { extension } of loaded.registry.all('runner')) {
      const remover = new MachineRemover(extension, tell);
      for (const id of await extension.list(AbortSignal.timeout(60_000))) await remover.destroy(id);
      gone = (await remover.finish()) && gone;
    }
    return gone;
  } finally {
    await loaded.close();
  }
}
