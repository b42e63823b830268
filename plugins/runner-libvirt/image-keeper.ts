import { type ImageKeeper, type ImageRecipe, type ImportedDisk, PluginError, type StoredImage } from '#plugins/api';
import type { ImageStore, StoredManifest } from '#plugins/kit/vm/image-store';
import type { LibvirtConfig } from './config.ts';
import { resourcesFor } from './images.ts';
import type { MachineRecords } from './records.ts';
import type { Site } from './site.ts';
import type { Templates } from './templates.ts';

/** What the keeper asks about what exists. */
export interface KeeperParts {
  readonly store: ImageStore;
  readonly sites: readonly Site[];
  readonly templates: Templates;
  readonly records: MachineRecords;
  readonly config: LibvirtConfig;
}

/** The images of an instance: made and kept on this computer, copied to hosts when they are needed there. */
export class LibvirtImages implements ImageKeeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const used = await this.#used();
    const images = await this.#parts.store.list();
    return await Promise.all(images.map((image) => this.#describe(image, used, signal)));
  }

  async build(recipe: ImageRecipe, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage> {
    return await this.#made(await this.#parts.store.build(recipe, progress, signal), signal);
  }

  async import(disk: ImportedDisk, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage> {
    if (disk.system !== 'linux') throw new PluginError('unsupported', `Machines of ${disk.system} cannot be used by this runner.`);
    return await this.#made(await this.#parts.store.import(disk, progress, signal), signal);
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const used = await this.#used();
    await this.#parts.store.remove(name, (digest) => used.includes(digest));
  }

  /** Lets go of versions that nobody uses any more. Hosts do so when a copy of another comes. */
  async #made(image: StoredManifest, signal: AbortSignal): Promise<StoredImage> {
    const used = await this.#used();
    await this.#parts.store.prune((digest) => used.includes(digest));
    return await this.#describe(image, used, signal);
  }

  async #describe({ manifest, bytes }: StoredManifest, used: readonly string[], signal: AbortSignal): Promise<StoredImage> {
    const { name, digest, origin, system, architecture, interpreters, labels, packages, recipe } = manifest;
    return {
      name,
      digest,
      origin,
      system,
      architecture,
      bytes,
      interpreters,
      labels,
      packages,
      recipe,
      madeAt: new Date(manifest.madeAt),
      snapshot: await this.#hasTemplate(manifest, signal),
      machines: used.filter((one) => one === digest).length,
    };
  }

  /** On any host that answers. */
  async #hasTemplate(manifest: StoredManifest['manifest'], signal: AbortSignal): Promise<boolean> {
    const { sites, templates, config } = this.#parts;
    if (manifest.access.kind !== 'seeded') return false;
    const shape = { manifest, imageFolder: '', resources: resourcesFor(undefined, config, manifest) };
    const found = await Promise.allSettled(sites.map((site) => templates.has(site, shape, signal)));
    signal.throwIfAborted();
    return found.some((one) => one.status === 'fulfilled' && one.value);
  }

  /** The digests of machines' images, one for each machine. What was made is in the records, however its host may be. */
  async #used(): Promise<readonly string[]> {
    const { records } = this.#parts;
    const found = await Promise.all((await records.ids()).map((id) => records.get(id)));
    return found.flatMap((record) => (record === null ? [] : [record.digest]));
  }
}
