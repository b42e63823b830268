import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError } from '../common/errors.ts';

/** In the data folder: for commands beside the server, which do not open its database. */
const FILE = 'installation';

/** Writes the installation's identity down beside the database. */
export async function rememberInstallation(dataFolder: string, id: string): Promise<void> {
  if ((await rememberedInstallation(dataFolder)) === id) return;
  const path = join(dataFolder, FILE);
  await writeFile(`${path}.new`, `${id}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The installation's identity; null if no server has started here yet. */
export async function rememberedInstallation(dataFolder: string): Promise<string | null> {
  try {
    return z.uuid().parse((await readFile(join(dataFolder, FILE), 'utf8')).trim());
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || error instanceof z.ZodError) return null;
    throw error;
  }
}
