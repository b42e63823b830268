import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../common/silent-logger.ts';
import { instances } from '../../config/index.ts';
import { loadPlugins, MemoryStore } from '../../plugins/index.ts';
import type { Format } from './format.ts';

const PREFIX = 'ci-';

/**
 * Calls `use` with the built-in readers of CI descriptions, in the order in which a server asks them. They are pure and need no server: their
 * folders are thrown away afterwards.
 */
export async function withFormats<T>(use: (formats: readonly Format[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-plan-'));
  try {
    const plugins = instances([], () => 'no file').filter(({ plugin }) => plugin.startsWith(PREFIX));
    const store = new MemoryStore();
    const loaded = await loadPlugins({ plugins, folder }, { installation: 'plan', folder, logger: () => silentLogger, store: () => store });
    const formats = loaded.registry.all('ci').map(({ name, extension }) => ({ name: name.slice(PREFIX.length), provider: extension }));
    const result = await use(formats);
    await loaded.close();
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
