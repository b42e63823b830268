import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { childrenOf, nameProcess, type ProcessName } from './processes.ts';

/** The environment variable by which a machine's processes on the host are found, even if its record was never written. */
export const MACHINE_MARK = 'TERRARIUM_MACHINE';

/**
 * Starts a sandbox and waits until its control shell answers; gives the processes that must run. What it started it has ended when it
 * throws: the caller's removal finds it by its mark. `groups`: files into which its first process writes its number.
 */
export async function startSandbox(
  command: readonly string[],
  options: { readonly folder: string; readonly mark: string; readonly groups: readonly string[]; readonly signal: AbortSignal },
): Promise<ProcessName[]> {
  options.signal.throwIfAborted();
  const errors = openSync(join(options.folder, 'errors'), 'a', 0o600);
  const [program = '', ...rest] = enterGroups(options.groups, command);
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', [MACHINE_MARK]: options.mark };
  const child: ChildProcess = spawn(program, rest, { cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', errors] });
  closeSync(errors);
  const problem = await answered(child, options.signal);
  child.stdout?.destroy();
  child.unref();
  options.signal.throwIfAborted();
  if (problem !== null)
    throw new PluginError('unavailable', `The sandbox did not start (${problem}): ${readFileSync(join(options.folder, 'errors'), 'utf8').trim()}`);
  return [child.pid ?? 0, ...childrenOf(child.pid ?? 0)].map((pid) => named(pid));
}

/** Writing its number to a group is the first thing that the process does: nothing it starts is ever outside. */
function enterGroups(groups: readonly string[], command: readonly string[]): readonly string[] {
  if (groups.length === 0) return command;
  const script = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo "$$" >"$1" || exit 1; shift; n=$((n - 1)); done; exec "$@"';
  return ['/bin/sh', '-c', script, 'sh', String(groups.length), ...groups, ...command];
}

/** Null once the control shell has said that it is ready; else what went wrong. */
function answered(child: ChildProcess, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const abort = (): void => resolve('aborted');
    const settle = (problem: string | null): void => {
      signal.removeEventListener('abort', abort);
      resolve(problem);
    };
    signal.addEventListener('abort', abort);
    child.stdout?.once('data', () => settle(null));
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, name) => settle(`exit ${code ?? name}`));
  });
}

function named(pid: number): ProcessName {
  const name = nameProcess(pid);
  if (name === null) throw new PluginError('unavailable', 'The sandbox ended as soon as it began.');
  return name;
}
