import { join } from 'node:path';
import type { ReadFile } from './file.ts';
import { absolute } from './environment.ts';
import type { ConfigProblem } from './problems.ts';
import type { CacheInput } from './schema.ts';

/** The cache of packages. */
export interface CacheConfig {
  /** Null: one that is free, the same each time if it can be had. */
  readonly port: number | null;
  readonly host: string;
  /** Absolute. */
  readonly folder: string;
  readonly maxGigabytes: number;
  readonly freshSeconds: number;
  /** By which machines that are not on this computer reach it, without a slash at the end; null: those do not. */
  readonly url: string | null;
  readonly origins: CacheInput['origins'];
}

/** What the file says of the cache; null where there is to be none. */
export function cacheOf(file: ReadFile, dataFolder: string, problems: ConfigProblem[]): CacheConfig | null {
  const { enabled, folder, port = null, url = null, ...rest } = file.content.cache;
  if (!enabled) return null;
  const names = rest.origins.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      problems.push({ where: file.locate(['cache', 'origins', index, 'name']), text: `"${name}" is the name of two origins.` });
  }
  return { ...rest, port, url, folder: folder === undefined ? join(dataFolder, 'packages') : absolute(folder, file.folder) };
}
