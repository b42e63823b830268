import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a server's things would be found on this host if it had left some. */
export interface Traceable {
  /** Its data folder. */
  readonly folder: string;
  /** The installation's identity: in the names of its control groups. */
  readonly installation: string;
  /** A text that its jobs' processes carry on their command lines. */
  readonly marker: string;
}

/**
 * All that machines and jobs of a server have left on this host: processes, mounts, control groups, machines' folders, temporary folders. Empty once
 * everything is gone.
 */
export function traces({ folder, installation, marker }: Traceable): string[] {
  return [...processes(folder, marker), ...mounts(folder), ...controlGroups(installation), ...machineFolders(folder), ...temporary(marker)];
}

/** Processes with the marker on the command line, or of a machine: those carry its folder in their environment. */
function processes(folder: string, marker: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const isMachine = read(`/proc/${pid}/environ`)
      .split('\0')
      .some((entry) => /^TERRARIUM_(MACHINE|EXEC|AGENT)=/.test(entry) && entry.includes(folder));
    return command.includes(marker) || isMachine ? [`process ${pid}: ${command}`] : [];
  });
}

function mounts(folder: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(folder))
    .map((line) => `mount ${line}`);
}

function controlGroups(installation: string): string[] {
  const root = '/sys/fs/cgroup';
  const bases = existsSync(root) ? [root, join(root, 'pids'), join(root, 'memory')].filter((path) => existsSync(path)) : [];
  return bases.flatMap((base) =>
    readdirSync(base)
      .filter((name) => name.startsWith(`terrarium-${installation}`))
      .map((name) => `control group ${join(base, name)}: ${readdirSync(join(base, name)).join(' ')}`),
  );
}

function machineFolders(folder: string): string[] {
  const plugins = join(folder, 'plugins');
  if (!existsSync(plugins)) return [];
  return readdirSync(plugins).flatMap((instance) => {
    const machines = join(plugins, instance, 'machines');
    return existsSync(machines) ? readdirSync(machines).map((id) => `machine ${join(machines, id)}`) : [];
  });
}

function temporary(marker: string): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.includes(marker))
    .map((name) => `temporary ${join(tmpdir(), name)}`);
}

/** A file of /proc; empty if the process is gone by now, or none of ours. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
