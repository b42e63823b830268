import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that cannot be confused with a later one of the same number. `started` is in clock ticks since the host's boot. */
export interface ProcessName {
  readonly pid: number;
  readonly started: string;
}

/** Whether an error is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** The process `pid` as it is now; null if there is none, or only its exit status is left of it. */
export function nameProcess(pid: number): ProcessName | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return started === undefined || state === 'Z' || state === 'X' ? null : { pid, started };
}

/** Whether that very process still runs. */
export function isAlive(name: ProcessName): boolean {
  return nameProcess(name.pid)?.started === name.started;
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  return (readProc(`/proc/${pid}/task/${pid}/children`) ?? '')
    .trim()
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** Sends SIGKILL; a process that is gone is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** Waits until none of them runs. The kernel may take its time to end a killed process. */
export async function waitGone(names: readonly ProcessName[], signal: AbortSignal): Promise<void> {
  for (let pause = 1; names.some((one) => isAlive(one)); pause = Math.min(pause * 2, 50)) await delay(pause, undefined, { signal });
}

/** Processes that were started with `NAME=value` in their environment, and all their descendants. Linux only: elsewhere none. */
export function findMarked(name: string, value: string): ProcessName[] {
  const pids = listProcesses();
  const marked = new Set(pids.filter((pid) => hasMark(pid, `${name}=${value}`)));
  const parents = new Map(marked.size === 0 ? [] : pids.map((pid) => [pid, parentOf(pid)] as const));
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (parent === null || marked.has(pid) || !marked.has(parent)) continue;
      marked.add(pid);
      grown = true;
    }
  }
  return [...marked].map((pid) => nameProcess(pid)).filter((one) => one !== null);
}

/** Kills the marked processes and those they start meanwhile, and waits until they are gone. */
export async function killMarked(name: string, value: string, signal: AbortSignal): Promise<void> {
  for (let found = findMarked(name, value); found.length > 0; found = findMarked(name, value)) {
    for (const one of found) kill(one.pid);
    await waitGone(found, signal);
  }
}

function listProcesses(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
}

function hasMark(pid: number, mark: string): boolean {
  const environment = readProc(`/proc/${pid}/environ`);
  return environment !== null && `\0${environment}`.includes(`\0${mark}\0`);
}

function parentOf(pid: number): number | null {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** A file of /proc; null if the process is gone or not ours to look into. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL')) return null;
    throw error;
  }
}
