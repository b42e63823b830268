import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PluginError } from '#plugins/api';

/** A process of this computer, told apart from a later one with the same number. */
const Owner = z.object({ pid: z.number().int().positive(), started: z.string() });
type Owner = z.infer<typeof Owner>;

const OWNER = 'owner.json';

/** What a folder that nobody needs any more is called; whoever comes next removes it. */
export const RUBBISH = '.removed-';

/** The folder that is worked in, and by that the lock of an image's name. */
export const WORK = '.work';

/**
 * Makes the folder `.work` of an image, for one process at a time. `rejected` while another process that lives has it; what a process left that has ended is put aside
 * as rubbish.
 */
export async function takeWork(folder: string, name: string): Promise<string> {
  const work = join(folder, WORK);
  const mine = join(folder, `${RUBBISH}${randomUUID()}`);
  await mkdir(mine, { recursive: true, mode: 0o700 });
  await writeFile(join(mine, OWNER), JSON.stringify({ pid: process.pid, started: await startOf(process.pid) }));
  // A folder does not replace one that is not empty: only one process gets it.
  if (await moved(mine, work)) return work;
  if (await isWorkedOn(folder)) throw new PluginError('rejected', `The image ${name} is being made already: wait until that is done.`);
  await moved(work, join(folder, `${RUBBISH}${randomUUID()}`));
  if (await moved(mine, work)) return work;
  throw new PluginError('rejected', `The image ${name} is being made already: wait until that is done.`);
}

/** Whether a process that lives works on an image. */
export async function isWorkedOn(folder: string): Promise<boolean> {
  const owner = await ownerOf(join(folder, WORK));
  return owner !== null && (await startOf(owner.pid)) === owner.started;
}

async function ownerOf(work: string): Promise<Owner | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(join(work, OWNER), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return null;
    throw new PluginError('invalid', `${join(work, OWNER)} cannot be read. If no image is being made, remove the folder ${work}.`, { cause: error });
  }
}

/** When a process started, in the system's own count; empty if there is none. Linux only, as building is. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; the 22nd field is the 20th behind it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'ESRCH')) return '';
    throw error;
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(String(error.code))) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
