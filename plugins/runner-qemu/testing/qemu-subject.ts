import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeContext, type RunnerSubject, fakeContext } from '#plugins/api/testing';
import { type HostConfig, QemuConfig } from '../config.ts';
import { QemuRunner } from '../driver.ts';
import { TOOLS } from '../scripts.ts';

/** Why no virtual machine can be made here; null if they can. */
export function qemuMissing(): string | null {
  const missing = Object.entries(TOOLS).filter(([tool]) => !isThere(tool));
  if (missing.length === 0) return null;
  return `there is no ${missing.map(([tool, packageName]) => `${tool} (${packageName})`).join(', ')}`;
}

function isThere(tool: string): boolean {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, tool)));
}

/** Where a test's machines are, and drivers for them. */
export interface QemuPlace {
  readonly folder: string;
  /** A driver as a later process makes it: what it must know of earlier ones is on the hosts. */
  driver(changes?: object): Promise<QemuRunner>;
  /** The way into a machine: a Unix socket that leads to its SSH server. */
  socketOf(id: string): string;
  /** What machines have left: processes, folders. */
  leftovers(): string[];
  /** Kills every process of a machine, as a crash of its host does. */
  kill(id: string): void;
  close(): Promise<void>;
}

/** `hosts`: without their folders; machines of all are in the place's own. */
export function qemuPlace(images: string, hosts: readonly Partial<HostConfig>[] = [{ name: 'here', machines: 2 }]): QemuPlace {
  const folder = mkdtempSync(join(tmpdir(), 'tq-'));
  const contexts: FakeContext<QemuConfig>[] = [];
  const drivers: QemuRunner[] = [];
  // Another run on this computer is none of ours.
  const installation = `test-${randomUUID()}`;
  return {
    folder,
    driver: async (changes = {}) => {
      const placed = hosts.map((host) => ({ ...host, folder: join(folder, host.name ?? '') }));
      const context = await fakeContext(QemuConfig.parse({ images, hosts: placed, resources: { memoryMegabytes: 512 }, ...changes }));
      contexts.push(context);
      const driver = new QemuRunner({ ...context, installation });
      drivers.push(driver);
      await driver.init(new AbortController().signal);
      return driver;
    },
    socketOf: (id) => {
      const found = machineFolders(folder).find((one) => one.endsWith(`/${id}`));
      if (found === undefined) throw new Error(`there is no machine ${id}`);
      return join(found, 'vm', 'ssh');
    },
    leftovers: () => [...machineFolders(folder), ...processesOf(`terrarium:${installation}:`)],
    kill: (id) => {
      for (const pid of processesOf(`terrarium:${installation}:`, `:${id}`)) killQuietly(Number(pid));
    },
    close: async () => {
      for (const driver of drivers) await driver.close();
      for (const context of contexts) await context.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the runner's contract wants to know. */
export async function qemuSubject(place: QemuPlace, image: string, machines: number): Promise<RunnerSubject> {
  return {
    driver: await place.driver(),
    image,
    machines,
    later: () => place.driver(),
    lose: async (id) => place.kill(id),
    leftovers: async () => place.leftovers(),
    close: () => place.close(),
  };
}

function machineFolders(folder: string): string[] {
  return execFileSync('find', [folder, '-mindepth', '4', '-maxdepth', '4', '-path', '*/machines/*'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

/** Processes whose mark holds a text and ends with another. */
export function processesOf(mark: string, end = ''): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return variables.some((one) => one.startsWith('TERRARIUM_MACHINE=') && one.includes(mark) && one.endsWith(end));
      } catch {
        // Gone since the folder was read.
        return false;
      }
    });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
