import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, PluginContext } from '#plugins/api';
import { LocalConfig } from '../config.ts';
import { LocalRunner } from '../local-runner.ts';

/** Why sandboxes cannot be tested on this host; null if they can. */
export async function sandboxProblem(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-probe-'));
  const driver = new LocalRunner(contextIn(folder));
  try {
    await driver.init(new AbortController().signal);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await driver.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** As little as `init` needs: it refuses where there is no sandbox, and stores nothing. */
function contextIn(folder: string): PluginContext<LocalConfig> {
  const silent = (): void => undefined;
  const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
  const store = { get: async () => undefined, set: async () => undefined, delete: async () => undefined };
  return { name: 'probe', installation: 'probe', config: LocalConfig.parse({ isolation: 'sandbox' }), logger, store, folder };
}
