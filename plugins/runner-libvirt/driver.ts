import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
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
import { ImageStore, type StoredManifest } from '#plugins/kit/vm/image-store';
import type { HostConfig, LibvirtConfig } from './config.ts';
import type { Tag } from './domain.ts';
import { Doors } from './doors.ts';
import { LibvirtImages } from './image-keeper.ts';
import { ImageCopies, describeImage, resourcesFor } from './images.ts';
import { makeMachine } from './make-machine.ts';
import { MachineRecords } from './records.ts';
import { MACHINE_ID, Site } from './site.ts';
import { Templates } from './templates.ts';

/** Virtual machines of libvirt, on this computer or on others; see README.md. */
export class LibvirtRunner implements RunnerDriver, Extension {
  readonly fulfils = ['resources'] as const;
  /** Absent where the images are another instance's: that one knows who uses them. */
  readonly images?: LibvirtImages;
  readonly #context: PluginContext<LibvirtConfig>;
  readonly #sites: readonly Site[];
  readonly #store: ImageStore;
  readonly #copies: ImageCopies;
  readonly #templates: Templates;
  readonly #records: MachineRecords;
  readonly #doors = new Doors();
  readonly #turns = new Turns();

  constructor(context: PluginContext<LibvirtConfig>) {
    const { config, folder, logger } = context;
    this.#context = context;
    this.#store = new ImageStore({ folder: config.images ?? join(folder, 'images'), logger });
    this.#copies = new ImageCopies(this.#store);
    this.#templates = new Templates(logger);
    this.#records = new MachineRecords(join(folder, 'machines'), logger);
    const parts = { tag: tagOf(context), logger, lostMs: config.lostSeconds * 1000 };
    this.#sites = config.hosts.map((host) => new Site(hostOf(host), host, parts));
    const keeper = { store: this.#store, sites: this.#sites, templates: this.#templates, records: this.#records, config };
    if (config.images === null) this.images = new LibvirtImages(keeper);
  }

  /** What is wrong on this computer stops the server; other hosts may be away for now. */
  async init(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.#sites.map(async (site) => {
        try {
          await site.list(signal);
        } catch (error) {
          if (site.config.ssh === undefined || !isPluginError(error, 'unavailable')) throw error;
        }
      }),
    );
  }

  async check(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#sites.map((site) => site.list(signal)));
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
    return (await this.#store.list()).map(({ manifest }) => describeImage(manifest, notes));
  }

  async create(request: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    signal.throwIfAborted();
    const { id } = request;
    if (!MACHINE_ID.test(id))
      throw new PluginError('invalid', `${JSON.stringify(id)} cannot name a machine: letters, digits, "_" and "-", 60 at most.`);
    return await this.#turns.take(id, async () => (await this.#existing(id, signal)) ?? (await this.#place(request, signal)));
  }

  async destroy(id: string, signal: AbortSignal): Promise<void> {
    if (!MACHINE_ID.test(id)) return;
    await this.#turns.take(id, () => this.#destroy(id, signal));
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const there = await Promise.all(this.#sites.map((site) => listed(site, signal)));
    signal.throwIfAborted();
    return [...new Set([...there.flat(), ...(await this.#records.ids())])];
  }

  async connect(id: string, signal: AbortSignal): Promise<Session> {
    const record = MACHINE_ID.test(id) ? await this.#records.get(id) : null;
    const site = record === null ? null : this.#siteNamed(record.host);
    if (record === null || site === null || !record.ready)
      throw new PluginError('unavailable', `There is no machine ${id} that could be connected to.`);
    return await this.#doors.enter(site, id, record, signal);
  }

  async isLost(id: string, signal: AbortSignal): Promise<boolean> {
    const record = MACHINE_ID.test(id) ? await this.#records.get(id) : null;
    const site = record === null ? this.#sites.find(({ machines }) => machines.has(id)) : this.#siteNamed(record.host);
    if (site === undefined) return false;
    // One that nobody has configured any more is never asked again.
    if (site === null || site.isDrained) return true;
    try {
      return !(await site.isAlive(id, signal));
    } catch (error) {
      if (isPluginError(error, 'unavailable')) return site.isDrained;
      throw error;
    }
  }

  async hosts(signal: AbortSignal): Promise<readonly HostDescription[]> {
    await Promise.all(this.#sites.map((site) => listed(site, signal)));
    return this.#sites.map((site) => site.describe());
  }

  /** The machine, if it was made to its end and still runs; what is left of it otherwise is removed. */
  async #existing(id: string, signal: AbortSignal): Promise<MachineOrigin | null> {
    const record = await this.#records.get(id);
    if (record === null) return null;
    const site = this.#siteNamed(record.host);
    if (record.ready && site !== null && (await site.isAlive(id, signal))) return { host: record.host, digest: record.digest };
    await this.#destroy(id, signal);
    return null;
  }

  /** On the host with the most room; on the next if that one fails. */
  async #place(request: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    const image = await this.#copies.current(request.image);
    const failures: PluginError[] = [];
    for (const site of this.#sites.toSorted((one, other) => other.free - one.free)) {
      // Asked again at each: others may have been placed meanwhile.
      if (site.free <= 0) continue;
      try {
        return await site.making(request.id, () => this.#make(site, image, request, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (!isPluginError(error)) throw error;
        failures.push(error);
      }
    }
    const [first] = failures;
    if (first !== undefined) throw first;
    throw new PluginError('exhausted', `No host has room for another machine: ${this.#sites.map(roomOf).join(', ')}.`);
  }

  async #make(site: Site, image: StoredManifest, { id, resources }: MachineRequest, signal: AbortSignal): Promise<MachineOrigin> {
    try {
      const imageFolder = await this.#copies.folderOn(site, image, signal);
      const shape = { manifest: image.manifest, imageFolder, resources: resourcesFor(resources, this.#context.config, image.manifest) };
      const making = { site, templates: this.#templates, records: this.#records, image, shape };
      const record = await makeMachine(making, id, signal);
      await this.#doors.open(site, id, record, signal);
      await this.#records.set(id, { ...record, ready: true });
      return { host: site.config.name, digest: record.digest };
    } catch (error) {
      await this.#undo(site, id);
      throw error;
    }
  }

  /** Not under the create's signal. Where it fails the record stays, so that the machine is listed and destroyed later. */
  async #undo(site: Site, id: string): Promise<void> {
    try {
      await this.#remove(site, id, new AbortController().signal);
    } catch (error) {
      this.#context.logger.warn('a failed create could not be undone yet', { host: site.config.name, id, error: String(error) });
    }
  }

  async #destroy(id: string, signal: AbortSignal): Promise<void> {
    const record = await this.#records.get(id);
    const site = record === null ? null : this.#siteNamed(record.host);
    if (record !== null && site === null) this.#context.logger.warn('the host of a machine is not configured any more', { id, host: record.host });
    if (site !== null) return await this.#remove(site, id, signal);
    for (const one of this.#sites) await this.#removeIfThere(one, id, signal);
    await this.#records.delete(id);
  }

  /** Nobody here knows where it is. A host that is away lists it when it is back, if it has it. */
  async #removeIfThere(site: Site, id: string, signal: AbortSignal): Promise<void> {
    try {
      await site.destroy(id, signal);
    } catch (error) {
      if (!isPluginError(error, 'unavailable') || site.machines.has(id)) throw error;
    }
  }

  /** The record goes last: as long as it is there, the machine can be destroyed again. */
  async #remove(site: Site, id: string, signal: AbortSignal): Promise<void> {
    await this.#doors.shut(id);
    await site.destroy(id, signal);
    await this.#records.delete(id);
  }

  #siteNamed(name: string): Site | null {
    return this.#sites.find((site) => site.config.name === name) ?? null;
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

function roomOf(site: Site): string {
  const { name, machines, limit, problem } = site.describe();
  return `${name} has ${machines} of ${limit}${problem === null ? '' : ` (${problem})`}`;
}

function tagOf({ installation, name }: PluginContext<LibvirtConfig>): Tag {
  const mark = createHash('sha256').update(`${installation}\n${name}`).digest('hex').slice(0, 12);
  return { installation, instance: name, mark };
}

function hostOf(config: HostConfig): LocalHost | SshHost {
  const { name, ssh } = config;
  return ssh === undefined ? new LocalHost(name) : new SshHost(name, () => targetOf(name, ssh));
}

/** A key file is read at each connecting: a new one needs no restart. */
async function targetOf(name: string, { host, port, user, hostKey, privateKeyFile }: NonNullable<HostConfig['ssh']>): Promise<SshTarget> {
  try {
    const privateKey = await readFile(privateKeyFile, 'utf8');
    return { host, port, user, hostKeys: [parseHostKey(hostKey)], authentication: { kind: 'key', privateKey, passphrase: null } };
  } catch (error) {
    if (isPluginError(error)) throw error;
    throw new PluginError('unauthorized', `The private key for host ${name}, ${privateKeyFile}, cannot be read.`, { cause: error });
  }
}
