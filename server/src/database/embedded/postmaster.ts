import { spawn } from 'node:child_process';
import { link, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../errors.ts';
import { commandAs, type Account } from './account.ts';

/** What `postmaster.pid` says; PostgreSQL writes it line by line while it starts and removes it as the last thing when it stops. */
export interface Postmaster {
  pid: number;
  /** Folder of its socket; null until it listens. */
  sockets: string | null;
  ready: boolean;
}

/** A log longer than this is put aside at the next start, one generation. */
const LOG_LIMIT = 8 * 1024 * 1024;
const POLL_MS = 5;
const EMPTY_MS = 5000;

/** The postmaster that runs on the data folder now, or null. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const text = await readIfThere(join(data, 'postmaster.pid'));
  if (text === null) return null;
  const lines = text.split('\n');
  const pid = pidIn(text);
  if (!(await isPostmasterOf(pid, data))) return null;
  return { pid, sockets: lines[4] ? lines[4] : null, ready: (lines[7] ?? '').trim() === 'ready' };
}

/**
 * Removes lock files that a killed postmaster left and that PostgreSQL would believe. It removes those of a process that is gone by itself, safely;
 * but the process id may be somebody else's by now, as it often is after a container's restart. Only call when `findPostmaster` says null.
 */
export async function removeDeadLocks(sockets: string, data: string): Promise<void> {
  await removeIfDead(join(data, 'postmaster.pid'), data);
  if (await removeIfDead(join(sockets, '.s.PGSQL.5432.lock'), data)) await rm(join(sockets, '.s.PGSQL.5432'), { force: true });
}

/** Another server may be starting at this moment: what we took away is looked at again, and put back if it is not the dead one. */
async function removeIfDead(lock: string, data: string): Promise<boolean> {
  const text = await readIfThere(lock);
  if (text === null || !(await isDead(lock, text, data))) return false;
  const taken = `${lock}.${process.pid}`;
  await rename(lock, taken);
  const isSame = (await readFile(taken, 'utf8')) === text;
  if (!isSame) await link(taken, lock);
  await rm(taken);
  return isSame;
}

async function isDead(lock: string, text: string, data: string): Promise<boolean> {
  // PostgreSQL fills the file at once; one that stays empty is what a power failure left.
  if (text === '') return Date.now() - (await stat(lock)).mtimeMs > EMPTY_MS;
  return exists(pidIn(text)) && !(await isPostmasterOf(pidIn(text), data));
}

function pidIn(text: string): number {
  return Math.abs(Number.parseInt(text, 10));
}

/** Starts `postgres` in a session of its own, so that Ctrl-C reaches us and not it. Resolves with its exit as a promise. */
export async function launch(account: Account, program: string, args: string[], log: string): Promise<{ pid: number; exit: Promise<number | null> }> {
  await rotate(log);
  const output = await open(log, 'a', 0o600);
  try {
    const { file, args: all, options } = commandAs(account, program, args);
    // The log is a file, not a pipe: when we are killed, PostgreSQL goes on undisturbed until the next start adopts it.
    const child = spawn(file, all, { ...options, detached: true, stdio: ['ignore', output.fd, output.fd] });
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    if (child.pid === undefined) throw new Error('a spawned process has no id');
    return { pid: child.pid, exit };
  } finally {
    await output.close();
  }
}

/** Waits until the postmaster of the folder is ready (true) or gone (false). Recovery after a crash may take long: there is no limit. */
export async function untilReady(data: string, isGone: (found: Postmaster | null) => boolean): Promise<boolean> {
  for (;;) {
    const found = await findPostmaster(data);
    if (found?.ready) return true;
    if (isGone(found)) return false;
    await pause(POLL_MS);
  }
}

/** Asks the folder's postmaster, if any, to stop (SIGINT: at once, but in order), and after `patience` ms each time harder. Resolves when it is gone. */
export async function stopPostmaster(data: string, patience: number): Promise<void> {
  const found = await findPostmaster(data);
  if (found === null) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    kill(found.pid, signal);
    if (await isGoneWithin(data, found.pid, patience)) return;
  }
  throw new Error(`PostgreSQL (process ${found.pid}) does not stop, not even by SIGKILL`);
}

async function isGoneWithin(data: string, pid: number, patience: number): Promise<boolean> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    if ((await findPostmaster(data))?.pid !== pid) return true;
    await pause(POLL_MS);
  }
  return false;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** A process id alone proves nothing, it may be anybody's by now; but a postmaster's working folder is its data folder. */
async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  if (!exists(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ESRCH') return false;
    throw error;
  }
}

function exists(pid: number): boolean {
  // An empty file is one that PostgreSQL has just made and not yet written; 0 and 1 would mean others than a postmaster.
  if (!Number.isInteger(pid) || pid < 2) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function rotate(log: string): Promise<void> {
  try {
    if ((await stat(log)).size > LOG_LIMIT) await rename(log, `${log}.1`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
