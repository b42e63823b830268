import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of an `AgentBundle`. */
export interface BundleFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const scripts = new Map<string, string>();

/**
 * One of the scripts of this folder, without its comments, which a shell would have to read. They are read from the source tree, also when
 * this runs compiled: the build copies nothing.
 */
export function script(name: string): string {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(join(packageRoot(), 'agents', 'posix', name), 'utf8').replaceAll(/^ *#(?!!).*\n/gm, '');
  scripts.set(name, text);
  return text;
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

/** Literal variables, as job.sh reads them: `NAME LINES`, then the lines of the value. Throws for what no environment can hold. */
export function variableLines(variables: readonly { readonly name: string; readonly value: string }[]): string {
  return variables
    .map(({ name, value }) => {
      checkVariable(name, value);
      return `${name} ${value.split('\n').length}\n${value}\n`;
    })
    .join('');
}

/** Throws for a name that is none, or a value that no environment can hold. */
export function checkVariable(name: string, value: string): void {
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a variable.`);
  if (value.includes('\0')) throw new Error(`The value of ${name} holds a NUL character, which no environment can.`);
}
