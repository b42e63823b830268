import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageRecipe, type Interpreter, PluginError } from '#plugins/api';
import { CommandError } from '../command.ts';
import { type Archive, missingPackages, openArchive } from './archive.ts';
import { makeDisk } from './disk.ts';
import { installGuest, guestScript } from './guest.ts';
import { makeInitrd } from './initrd.ts';
import { fetchKernel, type Kernel } from './kernel.ts';
import { type Mirror, mirrorOfThisComputer } from './mirror.ts';
import { type ImagePlan, planImage, type TreePlan } from './plan.ts';
import { probeInterpreter } from './probe.ts';
import { installInterpreter, joinSuite, suiteFolder } from './suite-trees.ts';
import { machineName } from './suites.ts';
import { Superuser } from './superuser.ts';
import { checkTools } from './tools.ts';
import { installedPackages, installTree } from './tree.ts';

/** What building needs. */
export interface Building {
  readonly recipe: ImageRecipe;
  /** Null: the one of this computer. */
  readonly mirror: Mirror | null;
  /** An empty folder for everything that is needed on the way. */
  readonly work: string;
  /** An empty folder for the files `disk.qcow2`, `kernel` and `initrd`. */
  readonly target: string;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What has been built. */
export interface Built {
  readonly architecture: string;
  readonly diskBytes: number;
  readonly commandLine: string;
  readonly user: string;
  readonly interpreters: readonly Interpreter[];
  readonly labels: Readonly<Record<string, string>>;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** What the kernel is told: be quiet and quick, end at a panic, have a second serial port for the seed, and do not protect from each other what is one job's. */
const COMMAND_LINE = [
  'console=ttyS0 quiet panic=-1 mitigations=off audit=0 selinux=0 apparmor=0',
  'init_on_alloc=0 hardened_usercopy=off randomize_kstack_offset=off cryptomgr.notests no_timer_check tsc=reliable 8250.nr_uarts=2',
].join(' ');

/** Builds the files of an image. Codes as in `ImageKeeper.build`. */
export async function buildImage(building: Building): Promise<Built> {
  try {
    return await new Build(building, planImage(building.recipe)).run();
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new PluginError(isFetching(cause) ? 'unavailable' : 'rejected', `The image cannot be built: ${cause.message}`, { cause });
  }
}

class Build {
  private readonly options: Building;
  private readonly plan: ImagePlan;
  private readonly as = new Superuser();
  private readonly root: string;

  constructor(options: Building, plan: ImagePlan) {
    this.options = options;
    this.plan = plan;
    this.root = join(options.work, 'root');
  }

  async run(): Promise<Built> {
    const { progress, signal } = this.options;
    await checkTools();
    await this.as.check(signal);
    progress('Reading the package lists');
    const { base, others, kernel: kernelArchive } = await this.openArchives();
    progress(`Installing ${base.suite.name} (${base.architecture})`);
    await this.install(base, this.plan.base, this.root);
    for (const [tree, archive] of others) {
      progress(`Installing ${tree} for its interpreters`);
      await this.installOther(archive, tree);
    }
    progress('Fetching the kernel');
    const kernel = await fetchKernel(kernelArchive, join(this.options.work, 'kernel'), signal);
    await installGuest(this.root, kernel, this.as, signal);
    const interpreters = await this.interpreters();
    progress('Making the disk');
    await this.makeFiles(kernel);
    const packages = await this.packages();
    return { ...this.description(kernel), interpreters, packages };
  }

  private async openArchives(): Promise<{ base: Archive; others: (readonly [string, Archive])[]; kernel: Archive }> {
    const { work, progress, signal } = this.options;
    const mirror = this.options.mirror ?? (await mirrorOfThisComputer());
    const opened = new Map<string, Archive>();
    const open = async ({ suite, architecture, packages }: TreePlan): Promise<Archive> => {
      const key = `${suite.name}-${architecture}`;
      const archive = opened.get(key) ?? (await openArchive({ suite, architecture, mirror, folder: join(work, 'apt', key) }, progress, signal));
      opened.set(key, archive);
      await demand(archive, packages, signal);
      return archive;
    };
    const base = await open(this.plan.base);
    const kernel = await open({ ...this.plan.base, architecture: 'amd64', packages: [] });
    const others: (readonly [string, Archive])[] = [];
    for (const tree of this.plan.others) if (tree.folder !== null) others.push([tree.folder, await open(tree)]);
    return { base, others, kernel };
  }

  private async install(archive: Archive, { packages, folder }: TreePlan, target: string): Promise<void> {
    const { signal, progress } = this.options;
    const variant = folder === null ? 'apt' : 'essential';
    try {
      await installTree({ archive, variant, packages, target }, this.as, signal);
    } catch (error) {
      // A mirror may name security updates that it does not have, for a release that is no longer looked after.
      if (!(error instanceof CommandError) || !isFetching(error) || archive.sources.length < 2) throw error;
      progress(`${archive.suite.name} (${archive.architecture}) is taken without security updates: the mirror does not have all that it names`);
      await this.as.remove(target, signal);
      await installTree({ archive: { ...archive, sources: archive.sources.slice(0, 1) }, variant, packages, target }, this.as, signal);
    }
    await this.as.shell(await guestScript('tidy.sh'), [target], signal);
  }

  /** mmdebstrap wants an empty folder, so it is installed beside and moved. */
  private async installOther(archive: Archive, tree: string): Promise<void> {
    const plan = this.plan.others.find(({ folder }) => folder === tree);
    if (!plan) throw new Error(`There is no plan of ${tree}.`);
    const beside = join(this.options.work, tree);
    await this.install(archive, plan, beside);
    await this.as.shell('mkdir -p "$2"; mv "$1" "$2/"', [beside, join(this.root, 'opt', 'suites')], this.options.signal);
  }

  private async interpreters(): Promise<Interpreter[]> {
    const { signal, progress } = this.options;
    for (const { folder } of this.plan.others) if (folder !== null) await joinSuite(this.root, folder, this.as, signal);
    const machine = machineName(this.plan.base.architecture);
    const found: Interpreter[] = [];
    for (const plan of this.plan.interpreters) {
      await installInterpreter(this.root, plan, this.as, signal);
      const interpreter = await probeInterpreter(plan, { root: this.root, machine }, this.as, signal);
      progress(`${interpreter.name} is ${interpreter.implementation} ${interpreter.version}`);
      found.push(interpreter);
    }
    return found;
  }

  private async makeFiles(kernel: Kernel): Promise<void> {
    const { work, target, signal } = this.options;
    const initrd = await makeInitrd(this.root, kernel.release, this.as, signal);
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'initrd'), initrd);
    await writeFile(join(target, 'kernel'), kernel.content);
    await makeDisk(this.root, this.plan.diskBytes, work, join(target, 'disk.qcow2'), this.as, signal);
  }

  /** Those of other systems have the system's name in front. */
  private async packages(): Promise<{ name: string; version: string }[]> {
    const { signal } = this.options;
    const lists = [await installedPackages(this.root, this.as, signal)];
    for (const { folder } of this.plan.others) {
      if (folder === null) continue;
      const own = await installedPackages(suiteFolder(this.root, folder), this.as, signal);
      lists.push(own.map(({ name, version }) => ({ name: `${folder}/${name}`, version })));
    }
    return lists.flat();
  }

  private description({ release }: Kernel): Omit<Built, 'interpreters' | 'packages'> {
    const { suite, architecture } = this.plan.base;
    const suites = [suite.name, ...this.plan.others.map(({ folder }) => folder)].join(' ');
    return {
      architecture: machineName(architecture),
      diskBytes: this.plan.diskBytes,
      commandLine: COMMAND_LINE,
      user: 'ci',
      labels: { system: suite.release === null ? suite.name : `debian-${suite.release}`, suites, kernel: release },
    };
  }
}

/** Whether something could not be had from the mirror. */
function isFetching({ message }: CommandError): boolean {
  return /^E: (Failed|Unable) to fetch /m.test(message);
}

async function demand(archive: Archive, names: readonly string[], signal: AbortSignal): Promise<void> {
  const missing = await missingPackages(archive, names, signal);
  if (missing.length === 0) return;
  throw new PluginError('invalid', `${archive.suite.name} (${archive.architecture}) has no package ${missing.join(', ')}.`);
}
