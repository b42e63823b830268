import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { link, lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError } from '../../common/errors.ts';

/** Who uses a scratch folder. `started` tells a process from a later one of the same number; `space` is the set of processes that the number counts in. */
const Owner = z.object({ pid: z.int().positive(), started: z.string(), space: z.string(), installation: z.string() });
export type Owner = z.infer<typeof Owner>;

const NAME = /^owner-(\d+)\.json$/;

/** This process as the owner of a folder whose machines are tagged with `installation`. */
export function ownerHere(installation: string): Owner {
  return { pid: process.pid, started: startOf(process.pid) ?? '', space: space(), installation };
}

/** Makes `owner` the owner number `number` of the folder, at once and whole. False if another process was quicker. */
export async function claim(folder: string, number: number, owner: Owner): Promise<boolean> {
  const draft = join(folder, `claim-${process.pid}`);
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(draft, join(folder, `owner-${number}.json`));
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * The last owner of a folder if it died and left the folder to whoever comes; null if it lives, or the folder is not surely one of ours: in a place that all
 * accounts may write to, others may put anything.
 */
export async function deadOwner(folder: string): Promise<{ readonly number: number; readonly owner: Owner } | null> {
  const stat = await lstat(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0) return null;
  const numbers = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.slice(1, 2) ?? []).map(Number);
  const number = Math.max(...numbers);
  if (numbers.length === 0) return null;
  const owner = Owner.safeParse(JSON.parse(await readFile(join(folder, `owner-${number}.json`), 'utf8')));
  if (!owner.success || owner.data.space !== space() || startOf(owner.data.pid) === owner.data.started) return null;
  return { number, owner: owner.data };
}

/** When a process began, in the kernel's words; null if there is none, or only its exit status is left of it. */
function startOf(pid: number): string | null {
  if (!existsSync('/proc/self/stat')) return isThere(pid) ? 'unknown' : null;
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The name, in parentheses, may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, started] = [fields[0], fields[19]];
  return started === undefined || state === 'Z' || state === 'X' ? null : started;
}

/** Where the kernel does not say when a process began, one of the same number counts as the same. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !isSystemError(error, 'ESRCH');
  }
}

/** Containers that share a folder do not share their process numbers. */
function space(): string {
  return read(() => readlinkSync('/proc/self/ns/pid')) ?? '';
}

function read(look: () => string): string | null {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => isSystemError(error, code))) return null;
    throw error;
  }
}
