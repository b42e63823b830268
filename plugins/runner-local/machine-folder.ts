import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from './processes.ts';

/** The environment variable by which a machine's processes on the host are found, even if its record was never written. */
export const MACHINE_MARK = 'TERRARIUM_MACHINE';

/** What is kept of a machine that is ready: enough for a later process to find and end it. */
export const MachineRecord = z.object({
  isolation: z.enum(['sandbox', 'none']),
  uid: z.int().nullable(),
  /** Its processes that must run: bubblewrap's and the first of the namespace. Empty without sandbox. */
  processes: z.array(z.object({ pid: z.int(), started: z.string() })),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

const WRITABLE = ['folder', 'tmp', 'replies'];

/** Makes the folders of a machine. They stand below a folder of mode 0700, so that only the sandbox's own mounts lead a job into them. */
export function makeFolders(folder: string, uid: number | null): void {
  mkdirSync(folder, { mode: 0o700 });
  mkdirSync(join(folder, 'control'), { mode: 0o755 });
  for (const name of WRITABLE) {
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o755 });
    if (uid !== null) chownSync(path, uid, uid);
  }
}

/** Writes the record: from then on the machine is whole. */
export function writeRecord(folder: string, record: MachineRecord): void {
  writeFileSync(join(folder, 'machine.new'), JSON.stringify(record));
  renameSync(join(folder, 'machine.new'), join(folder, 'machine.json'));
}

/** The record; null for a machine that is not there or half made. */
export function readRecord(folder: string): MachineRecord | null {
  try {
    return MachineRecord.parse(JSON.parse(readFileSync(join(folder, 'machine.json'), 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Whether there is a record, without reading it. */
export function hasRecord(folder: string): boolean {
  return existsSync(join(folder, 'machine.json'));
}

/** Removes a machine's folder with all that jobs put there, folders without permissions included. Its processes must be gone. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error;
    openUp(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gives ourselves back the right to look into our own folders. */
function openUp(folder: string): void {
  if (!lstatSync(folder).isDirectory()) return;
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) openUp(join(folder, entry.name));
}
