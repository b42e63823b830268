import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DeniedAttempt,
  type Extension,
  type HostDescription,
  type ImageDescription,
  type MachineOrigin,
  type MachineRequest,
  type PluginContext,
  PluginError,
  type RunnerDriver,
  type Session,
  isPluginError,
} from '#plugins/api';
import { type SshTarget, parseHostKey } from '#plugins/kit/ssh';
import { Turns } from '#plugins/kit/turns';
import { LocalHost } from '#plugins/kit/vm/host-local';
import { SshHost } from '#plugins/kit/vm/host-ssh';
import { ImageStore } from '#plugins/kit/vm/image-store';
import type { StoredManifest } from '#plugins/kit/vm/stored-version';
import type { HostConfig, QemuConfig } from './config.ts';
import { parseDenied } from './denied.ts';
import { ImageCopies, describeImage } from './images.ts';
import { makeMachine } from './make-machine.ts';
import { Doors } from './doors.ts';
import { LearnedFacts } from './learned.ts';
import { QemuImages } from './image-keeper.ts';
import { doorGates, gatesOf } from './network.ts';
import { resourcesFor } from './resources.ts';
import { Site } from './site.ts';
import { Snapshots } from './snapshots.ts';

/** What may name a machine: it is a folder's name, too. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/;

/** Virtual machines of QEMU, on this computer or on others; see README.md. */
export class QemuRunner implements RunnerDriver, Extension {
  readonly fulfils = ['allow', 'resources'] as const;
  readonly loopback: 'door' | undefined;
  readonly images: QemuImages;
  readonly #context: PluginContext<QemuConfig>;
  readonly #sites: readonly Site[];
  readonly #copies: ImageCopies;
  readonly #store: ImageStore;
  readonly #snapshots: Snapshots;
  readonly #doors: Doors;
  readonly #learned: LearnedFacts;
  readonly #turns = new Turns();
  /** Where machines were made by this process. A host that failed while one was made may list it, too. */
  readonly #homes = new Map<string, Site>();

  constructor(context: PluginContext<QemuConfig>) {
    this.#context = context;
    // A host elsewhere has a loopback of its own.
    this.loopback = context.config.hosts.every(({ ssh }) => ssh === undefined) ? 'door' : undefined;
    this.#store = new ImageStore({ folder: context.config.images ?? join(context.folder, 'images'), logger: context.logger });
    this.#copies = new ImageCopies(this.#store);
    this.#snapshots = new Snapshots(context.logger);
    this.#sites = context.config.hosts.map((host) => this.#site(host));
    this.#doors = new Doors(context.config.waits, context.logger);
    this.#learned = new LearnedFacts(context.store);
    this.images = new QemuImages(this.#store, this.#sites, this.#copies, this.#snapshots, context.config);
  }

  /** A host of this computer must have what is needed; others may be away for now. */
  async init(signal: AbortSignal): Promise<void> {
    for (const site of this.#sites) {
      try {
        await site.list(signal);
      } catch (error) {
        if (site.config.ssh === undefined || !isPluginError(error, 'unavailable')) throw error;
      }
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    for (const site of this.#sites) await site.list(signal);
  }

  async close(): Promise<void> {
    await this.#doors.close();
    await Promise.all(this.#sites.map((site) => site.host.close()));
  }

  async describe(signal: AbortSignal): Promise<readonly ImageDescription[]> {
    signal.throwIfAborted();
    const notes = this.#sites.flatMap((site) => {
      const { name, problem } = site.describe();
      return problem === null ? [] : [`Host ${name}: ${problem}.`];
    });
    return await Promise.all((await this.#store.list()).map(async ({ manifest }) => describeImage(await this.#learned.complete(manifest), notes)));
  }

  async create(request: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    signal.throwIfAborted();
    if (!ID.test(request.id)) throw new PluginError('invalid', `${JSON.stringify(request.id)} cannot name a machine.`);
    return await this.#turns.take(request.id, async () => (await this.#existing(request.id, signal)) ?? (await this.#place(request, signal)));
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    if (!ID.test(id)) return;
    await this.#turns.take(id, async () => {
      await this.#doors.shut(id);
      const home = this.#siteOf(id);
      const others = this.#sites.filter((site) => site !== home && (home === null || site.machines.has(id)));
      // Nobody here may know where it is: it may have been made by an earlier process, or half.
      await home?.destroy(id, signal);
      for (const site of others) await destroyBeside(site, id, home !== null, signal);
      this.#homes.delete(id);
    });
  }

  /** `unavailable` while a host that does not answer has never said what is on it. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const lists = await Promise.all(this.#sites.map((site) => (site.wasListed ? listed(site, signal) : site.list(signal))));
    return [...new Set(lists.flat())];
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    const site = await this.#locate(id, signal);
    return await this.#doors.enter(site, id, signal);
  }

  async isLost(id: string, signal: AbortSignal): Promise<boolean> {
    const site = this.#siteOf(id);
    if (site === null) return false;
    if (site.isDrained) return true;
    try {
      return !(await site.isAlive(id, signal));
    } catch (error) {
      if (isPluginError(error, 'unavailable')) return site.isDrained;
      throw error;
    }
  }

  async denied(id: string, signal: AbortSignal): Promise<readonly DeniedAttempt[]> {
    const site = await this.#locate(id, signal);
    return parseDenied(await site.ruleset(id, signal));
  }

  async hosts(signal: AbortSignal): Promise<readonly HostDescription[]> {
    await Promise.all(this.#sites.map((site) => listed(site, signal)));
    return this.#sites.map((site) => site.describe());
  }

  /** The machine, if it was made to its end and still runs; what is left of it otherwise is removed. */
  async #existing(id: string, signal: AbortSignal): Promise<MachineOrigin | null> {
    const site = this.#siteOf(id);
    if (site === null) return null;
    const access = await site.access(id, signal);
    if (access !== null && (await site.isAlive(id, signal))) return { host: site.config.name, digest: access.digest };
    await site.destroy(id, signal);
    return null;
  }

  /** On the host with the most room; on the next if that one fails. */
  async #place(request: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    const image = await this.#copies.current(request.image);
    const sites = this.#sites.filter((site) => site.free > 0).toSorted((one, other) => other.free - one.free);
    const failures: unknown[] = [];
    for (const site of sites) {
      try {
        return await this.#make(site, image, request, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isPluginError(error) || this.#sites.length === 1) throw error;
        failures.push(error);
      }
    }
    const [first] = failures;
    if (first !== undefined) throw first;
    throw new PluginError('exhausted', `No host has room for another machine: ${this.#sites.map(roomOf).join(', ')}.`);
  }

  async #make(site: Site, image: StoredManifest, request: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    const { id, allow = [], doors = [] } = request;
    const resources = resourcesFor(request.resources, this.#context.config, image.manifest);
    site.machines.add(id);
    site.making.add(id);
    try {
      const imageFolder = await this.#copies.folderOn(site, image, signal);
      const key = image.manifest.access.kind === 'fixed' ? await readFile(join(image.folder, 'key'), 'utf8') : null;
      const parts = { site, snapshots: this.#snapshots, shape: { manifest: image.manifest, imageFolder, resources }, key };
      const access = await makeMachine(parts, { id, gates: [...gatesOf(allow), ...doorGates(doors)] }, signal);
      await this.#doors.open(site, request, access, signal);
      await this.#learn(id, image, signal);
      await site.finish(id, signal);
      this.#homes.set(id, site);
      return { host: site.config.name, digest: image.manifest.digest };
    } catch (error) {
      await this.#doors.shut(id);
      // Not under the signal: what was begun is cleaned up even if nobody waits for it.
      await site.destroy(id, new AbortController().signal);
      throw error;
    } finally {
      site.making.delete(id);
    }
  }

  /** The first machine of an imported Windows is asked what it has. */
  async #learn(id: string, { manifest }: StoredManifest, signal: AbortSignal): Promise<void> {
    if (manifest.system !== 'windows' || (await this.#learned.of(manifest)) !== null) return;
    const facts = await this.#doors.ask(id, signal);
    if (facts !== null) await this.#learned.note(manifest, { ...facts, interpreters: [...facts.interpreters], toolchains: [...facts.toolchains] });
  }

  #siteOf(id: string): Site | null {
    return this.#homes.get(id) ?? this.#sites.find((site) => site.machines.has(id)) ?? null;
  }

  /** The host of a machine; `unavailable` if there is none. */
  async #locate(id: string, signal: AbortSignal): Promise<Site> {
    const known = this.#siteOf(id);
    if (known !== null) return known;
    await this.list(signal);
    const found = this.#siteOf(id);
    if (found === null) throw new PluginError('unavailable', `There is no machine ${id}.`);
    return found;
  }

  #site(config: HostConfig): Site {
    const { installation, name, folder, logger } = this.#context;
    const short = installation.replace(/[^A-Za-z0-9]/g, '').slice(0, 12);
    return new Site(config.ssh === undefined ? new LocalHost(config.name) : new SshHost(config.name, () => targetOf(config)), config, {
      tag: (id) => `terrarium:${installation}:${name}:${id}`,
      defaults: {
        folder: config.ssh === undefined ? folder : null,
        name: config.folder === null ? `.terrarium/${name}-${short}` : `${name}-${short}`,
      },
      logger,
      lostMs: this.#context.config.lostSeconds * 1000,
    });
  }
}

/** What is there; of a host that does not answer, what was there before. */
async function listed(site: Site, signal: AbortSignal): Promise<readonly string[]> {
  if (site.isResting) return [...site.machines];
  try {
    return await site.list(signal);
  } catch (error) {
    if (isPluginError(error, 'unavailable')) return [...site.machines];
    throw error;
  }
}

/** A host that does not answer and may have a part of a machine whose home is elsewhere tells of it when it is listed again. */
async function destroyBeside(site: Site, id: string, hasHome: boolean, signal: AbortSignal): Promise<void> {
  try {
    await site.destroy(id, signal);
  } catch (error) {
    if (!hasHome || !isPluginError(error, 'unavailable')) throw error;
  }
}

function roomOf(site: Site): string {
  const { name, machines, limit, problem } = site.describe();
  return `${name} has ${machines} of ${limit}${problem === null ? '' : ` (${problem})`}`;
}

async function targetOf({ name, ssh }: HostConfig): Promise<SshTarget> {
  if (ssh === undefined) throw new Error(`host ${name} is not reached by SSH`);
  const { host, port, user, hostKey, privateKeyFile } = ssh;
  try {
    const privateKey = await readFile(privateKeyFile, 'utf8');
    return { host, port, user, hostKeys: [parseHostKey(hostKey)], authentication: { kind: 'key', privateKey, passphrase: null } };
  } catch (error) {
    if (isPluginError(error)) throw error;
    throw new PluginError('unauthorized', `The private key for host ${name}, ${privateKeyFile}, cannot be read.`, { cause: error });
  }
}
