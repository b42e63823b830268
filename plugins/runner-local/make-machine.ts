import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { READY_FILE } from './control.ts';
import { Bell } from './follow.ts';
import type { Maker } from './maker.ts';
import { childrenOf, hasCode, nameProcess, type ProcessName } from './processes.ts';
import type { Sandbox } from './sandbox.ts';

/** A sandbox that has not come up by then never will. */
const PATIENCE_MS = 30_000;

/**
 * Starts a sandbox and waits until its control shell answers; gives the processes that must run. What it started may still run when it
 * throws: the caller's removal finds it by its mark. `groups`: files into which its first process writes itself.
 */
export async function startSandbox(
  maker: Maker,
  sandbox: Sandbox,
  options: { readonly folder: string; readonly mark: string; readonly groups: readonly string[]; readonly signal: AbortSignal },
): Promise<ProcessName[]> {
  const { folder, mark, groups, signal } = options;
  signal.throwIfAborted();
  writeFileSync(join(folder, 'arguments'), nulSeparated(sandbox.own), { mode: 0o600 });
  const bell = new Bell(join(folder, 'replies'), signal);
  try {
    maker.start({ folder, mark, shared: sandbox.shared, groups, command: sandbox.command });
    await answered(folder, bell, signal);
  } finally {
    bell.close();
  }
  const first = readPid(folder) ?? 0;
  return [first, ...childrenOf(first)].map((pid) => named(pid));
}

/** Arguments as bubblewrap reads them from a file. */
export function nulSeparated(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join('');
}

async function answered(folder: string, bell: Bell, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  while (!existsSync(join(folder, 'replies', READY_FILE))) {
    signal.throwIfAborted();
    const pid = readPid(folder);
    const late = performance.now() - began > PATIENCE_MS;
    if (late || (pid !== null && nameProcess(pid) === null)) throw notStarted(folder, late ? 'no answer' : 'it ended at once');
    await bell.wait();
  }
}

function notStarted(folder: string, problem: string): PluginError {
  const errors = existsSync(join(folder, 'errors')) ? readFileSync(join(folder, 'errors'), 'utf8').trim() : '';
  return new PluginError('unavailable', `The sandbox did not start (${problem}): ${errors}`);
}

/** The number of the sandbox's outermost process, as soon as it has written it down. */
function readPid(folder: string): number | null {
  try {
    const text = readFileSync(join(folder, 'pid'), 'utf8');
    return /^\d+\n$/.test(text) ? Number(text) : null;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function named(pid: number): ProcessName {
  const name = nameProcess(pid);
  if (name === null) throw new PluginError('unavailable', 'The sandbox ended as soon as it began.');
  return name;
}
