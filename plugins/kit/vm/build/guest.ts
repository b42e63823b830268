import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from './kernel.ts';
import type { Superuser } from './superuser.ts';

/** The folder of the files that go into images; the build of the server copies it beside the compiled modules. */
export const GUEST_FILES = join(import.meta.dirname, '..', 'guest');

/** Makes a machine of an installed Debian system: the job's user, the first process, the kernel's modules. */
export async function installGuest(root: string, kernel: Kernel, as: Superuser, signal: AbortSignal): Promise<void> {
  await as.shell(await guestScript('install.sh'), [root, GUEST_FILES, kernel.folder, kernel.release], signal);
}

/** A script of ours for `sh`. */
export function guestScript(name: string): Promise<string> {
  return readFile(join(GUEST_FILES, name), 'utf8');
}
