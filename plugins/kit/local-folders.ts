import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { PluginError } from '#plugins/api';

/** Throws `invalid` unless the local repository at `place` really lies below one of `folders`, links followed. */
export async function assertAllowed(place: string, folders: readonly string[]): Promise<void> {
  const real = await realpath(place).catch(() => place);
  const inside = folders.some((folder) => !path.relative(folder, real).startsWith('..'));
  if (!inside) throw new PluginError('invalid', 'Local repositories may not lie there: an administrator says where in `localFolders`.');
}
