import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of an `AgentBundle`. */
export interface BundleFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

/**
 * The text of a file that an agent sends into machines; `path` is relative to `agents/`. It is read from the source tree, also when this runs compiled: the build copies
 * nothing.
 */
export function sourceText(path: string): string {
  return readFileSync(join(agentsFolder(), path), 'utf8');
}

/** Where the agents' own files lie. */
export function agentsFolder(): string {
  return join(packageRoot(), 'agents');
}

/** The nearest folder above this file that has a package.json. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('The scripts of the agent are not there: no package.json above this file.');
    folder = dirname(folder);
  }
  return folder;
}

/** A text as a file, readable by its owner alone, as it may hold secrets. */
export function textFile(path: string, text: string, mode = 0o600): BundleFile {
  return { path, content: Buffer.from(text, 'utf8'), mode };
}
