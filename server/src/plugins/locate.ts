import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Where an outside plugin is looked for in a package.json that has `exports`; anything more clever is for package managers. */
const Target = z.union([z.string(), z.object({ import: z.string() }), z.object({ default: z.string() })]);
const Package = z.object({
  exports: z.union([Target, z.object({ '.': Target })]).optional(),
  main: z.string().optional(),
});

/**
 * The URL of an outside plugin's module: `plugin` is a path (absolute, or beginning with a dot) or the name of an npm package, seen from
 * `folder`. Throws an Error with a sentence where there is none.
 */
export async function locatePlugin(plugin: string, folder: string): Promise<string> {
  const place = isPath(plugin) ? resolve(folder, plugin) : await packageFolder(plugin, folder);
  const kind = await kindOf(place);
  if (kind === null) throw new Error(`There is nothing at ${place}.`);
  return pathToFileURL(kind === 'file' ? place : join(place, await entry(place))).href;
}

function isPath(plugin: string): boolean {
  return plugin.startsWith('.') || plugin.startsWith('/') || /^[A-Za-z]:[\\/]/.test(plugin);
}

/** Looks where Node does: in `node_modules` of the folder and of all above it. */
async function packageFolder(name: string, folder: string): Promise<string> {
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/i.test(name)) throw new Error(`"${name}" is neither a path nor the name of a package.`);
  for (let place = resolve(folder); ; place = dirname(place)) {
    const candidate = join(place, 'node_modules', name);
    if ((await kindOf(candidate)) === 'folder') return candidate;
    if (dirname(place) === place) throw new Error(`There is no built-in plugin "${name}", and no package of that name below ${folder}.`);
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** The file in a package's folder that is its module. */
async function entry(folder: string): Promise<string> {
  if ((await kindOf(join(folder, 'package.json'))) !== 'file') return 'index.js';
  const content = Package.safeParse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  if (!content.success)
    throw new Error(`${join(folder, 'package.json')} does not name its module in a way that is understood: use "exports": "./index.js".`);
  const { exports, main } = content.data;
  return target(exports) ?? main ?? 'index.js';
}

function target(exports: z.output<typeof Package>['exports']): string | undefined {
  if (exports === undefined || typeof exports === 'string') return exports;
  if ('.' in exports) return target(exports['.']);
  return 'import' in exports ? exports.import : exports.default;
}
