import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, kill } from './processes.ts';

const ROOT = '/sys/fs/cgroup';
/** Above the limit that the kernel tells the job about: the agent needs a few processes when the job has used up its own. */
const RESERVE = 64;

/** A kind of limit that this host lets us set: where our groups are, and the file to write. */
interface Controller {
  readonly base: string;
  readonly limit: string;
  readonly value: string;
}

/** Limits of memory and processes by control groups, one group a machine. */
export class Cgroups {
  readonly #controllers: readonly Controller[];

  private constructor(controllers: readonly Controller[]) {
    this.#controllers = controllers;
  }

  /** Finds out by trying what this host allows; `name` tells our groups from everybody else's. */
  static probe(name: string, limits: { readonly processes: number; readonly memoryBytes: number | null }): Cgroups {
    const version2 = existsSync(join(ROOT, 'cgroup.controllers'));
    const pids = String(limits.processes + RESERVE);
    const memory = limits.memoryBytes === null ? null : String(limits.memoryBytes);
    const wanted: Controller[] = [{ base: join(ROOT, version2 ? '' : 'pids', name), limit: 'pids.max', value: pids }];
    const file = version2 ? 'memory.max' : 'memory.limit_in_bytes';
    if (memory !== null) wanted.push({ base: join(ROOT, version2 ? '' : 'memory', name), limit: file, value: memory });
    return new Cgroups(wanted.filter((one) => works(one, version2)));
  }

  /** Which limits hold, for people. */
  get describes(): readonly string[] {
    return this.#controllers.map((one) => (one.limit.startsWith('pids') ? 'processes' : 'memory'));
  }

  /** Makes the machine's groups; gives the files into which its first process has to write its number. */
  make(id: string): string[] {
    return this.#folders(id).map(([folder, controller]) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, controller.limit), controller.value);
      return join(folder, 'cgroup.procs');
    });
  }

  /** Removes the machine's groups and whatever still runs in them, once the kernel has seen its processes go. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    for (const [folder] of this.#folders(id)) {
      for (let pause = 1; !removed(folder); pause = Math.min(pause * 2, 50)) {
        for (const pid of members(folder)) kill(pid);
        await delay(pause, undefined, { signal });
      }
    }
  }

  /** The machines that have a group. */
  list(): string[] {
    return this.#controllers.flatMap(({ base }) =>
      readdirSync(base, { withFileTypes: true })
        .filter((one) => one.isDirectory())
        .map((one) => one.name),
    );
  }

  /** Removes our own folder if no machine is left in it. */
  close(): void {
    for (const { base } of this.#controllers) removed(base);
  }

  #folders(id: string): [string, Controller][] {
    return this.#controllers.map((one) => [join(one.base, id), one]);
  }
}

function works(controller: Controller, version2: boolean): boolean {
  const trial = join(controller.base, `.trial-${process.pid}`);
  try {
    mkdirSync(controller.base, { recursive: true });
    if (version2) writeFileSync(join(controller.base, 'cgroup.subtree_control'), `+${controller.limit.split('.')[0]}`);
    mkdirSync(trial, { recursive: true });
    writeFileSync(join(trial, controller.limit), controller.value);
    readFileSync(join(trial, 'cgroup.procs'));
    rmdirSync(trial);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT', 'EROFS', 'EINVAL', 'EBUSY', 'EOPNOTSUPP')) return false;
    throw error;
  }
}

function members(folder: string): number[] {
  const text = readFileSync(join(folder, 'cgroup.procs'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Whether the group is gone now. */
function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    if (hasCode(error, 'EBUSY', 'ENOTEMPTY')) return false;
    throw error;
  }
}
