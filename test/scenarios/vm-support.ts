import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ImageRecipe } from '#plugins/api';
import { type JobView, isVerdict } from '#server/api';
import { qemuMissing } from '../../plugins/runner-qemu/testing/qemu-subject.ts';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { type TestImage, testImage, vmImageMissing } from '../support/vm-image.ts';
import { Scenario, until } from './support.ts';
import { traces } from './traces.ts';

/** Why there can be no virtual machines here; null if there can. */
export const vmMissing = qemuMissing() ?? vmImageMissing();

/** What a server with virtual machines is to have beyond the usual. */
export interface VmOptions {
  /** Of the image of its machines; that of `testImage` unless given. */
  readonly image?: ImageRecipe;
  /** Hosts of the runner; this computer unless given. */
  readonly hosts?: readonly Record<string, unknown>[];
  readonly runner?: Record<string, unknown>;
  readonly pool?: Record<string, unknown>;
  /** Further instances and pools, beside those with virtual machines. */
  readonly plugins?: readonly Record<string, unknown>[];
  readonly pools?: readonly Record<string, unknown>[];
  /** Further keys of the configuration file. */
  readonly rest?: Record<string, unknown>;
  readonly environment?: Record<string, string>;
}

/** A real server whose machines are virtual, with a database that outlives it. */
export class VmScenario {
  private constructor(
    readonly scenario: Scenario,
    private readonly database: DatabaseUrl,
  ) {}

  /** The first time on a computer this builds an image, which takes a minute or more. */
  static async open(options: VmOptions = {}): Promise<VmScenario> {
    const config = vmConfig(await testImage(options.image), options);
    const database = await testDatabaseUrl('migrated');
    try {
      const environment = { DATABASE_URL: database.url, ...options.environment };
      return new VmScenario(await Scenario.open(config, { database: 'own', environment }), database);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.scenario.close();
    await this.database.drop();
  }

  /** One row of the server's database. */
  async row(sql: string): Promise<Record<string, unknown> | undefined> {
    const client = new Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows[0];
    } finally {
      await client.end();
    }
  }

  async installation(): Promise<string> {
    return String((await this.row('select id from installation'))?.['id']);
  }

  /** Where a machine is on this computer, for a runner without hosts of its own. */
  machineFolder(id: string): string {
    return join(this.scenario.server.folder, 'plugins', 'vm', 'machines', id);
  }

  /** The machine of a job's newest attempt. */
  async machineOf(jobId: number): Promise<string> {
    const machine = (await this.scenario.getJob(jobId)).attempts.at(-1)?.machine ?? null;
    if (machine === null) throw new Error(`job ${jobId} has no machine`);
    return machine;
  }

  async verdict(jobId: number, patienceMs?: number): Promise<JobView> {
    const look = async (): Promise<JobView | null> => {
      const job = await this.scenario.getJob(jobId);
      return isVerdict(job.state) ? job : null;
    };
    return await until(`job ${jobId} to end`, look, patienceMs);
  }

  async cancel(buildId: number): Promise<void> {
    await this.scenario.json('POST', `/api/builds/${buildId}/cancel`);
  }

  /** Stops the server in order, and gives what its machines have left. `marker`: see `Traceable`. */
  async leftovers(marker: string, networks: ReadonlySet<string> = new Set()): Promise<string[]> {
    const installation = await this.installation();
    const end = await this.scenario.server.kill('SIGTERM');
    const wrongEnd = end === 0 ? [] : [`the server ended with ${end}`];
    const found = traces({ folder: this.scenario.server.folder, installation, marker });
    return [
      ...wrongEnd,
      ...found,
      ...machineProcesses(installation).map(({ pid, name }) => `process ${pid}: ${name}`),
      ...networksLeft(networks),
      ...tables(),
    ];
  }
}

function vmConfig({ imagesFolder, name }: TestImage, options: VmOptions): string {
  const { hosts = [{ name: 'here', machines: 5 }], runner, pool, plugins = [], pools = [], rest } = options;
  const config = { images: imagesFolder, resources: { memoryMegabytes: 512 }, hosts, ...runner };
  return JSON.stringify({
    plugins: [{ plugin: 'runner-qemu', name: 'vm', config }, ...plugins],
    pools: [{ name: 'vm', runner: 'vm', image: name, jobs: 4, ready: 0, machines: 4, ...pool }, ...pools],
    ...rest,
  });
}

/** A process of a machine. `machine` is its id, `name` the program's, `parent` the name of its parent's. */
export interface MachineProcess {
  readonly pid: number;
  readonly machine: string;
  readonly name: string;
  readonly command: string;
  readonly parent: string;
}

/** All processes on this computer that belong to machines of an installation. */
export function machineProcesses(installation: string): MachineProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const mark = read(`/proc/${pid}/environ`)
      .split('\0')
      .find((one) => one.startsWith(`TERRARIUM_MACHINE=terrarium:${installation}:`));
    if (mark === undefined) return [];
    const parent = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? '';
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    return [{ pid: Number(pid), machine: mark.slice(mark.lastIndexOf(':') + 1), name: nameOf(pid), command, parent: nameOf(parent) }];
  });
}

function nameOf(pid: string): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** The network namespaces that machines of an installation are in now; those of this computer itself left out. */
export function machineNetworks(installation: string): string[] {
  const own = networkOf('self');
  const all = machineProcesses(installation).map(({ pid }) => networkOf(String(pid)));
  return [...new Set(all)].filter((network) => network !== '' && network !== own);
}

/** Tables of rules of the computer itself, where machines' are never to be. */
function tables(): string[] {
  const rules = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  return rules.split('\n').filter((line) => line.includes('terrarium'));
}

/** Namespaces that somebody still is in, or that are mounted somewhere. A number that another installation's machine was given since does not count. */
function networksLeft(networks: ReadonlySet<string>): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const held = pids.filter((pid) => networks.has(networkOf(pid)) && !read(`/proc/${pid}/environ`).includes('TERRARIUM_MACHINE='));
  const mounted = read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => [...networks].some((network) => line.includes(network)));
  return [
    ...held.map((pid) => `process ${pid} in ${networkOf(pid)}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`),
    ...mounted.map((line) => `mount ${line}`),
  ];
}

function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // It ended while we looked.
    return '';
  }
}

/** A file of /proc; empty if the process is gone by now. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
