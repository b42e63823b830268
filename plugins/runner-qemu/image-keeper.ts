import { type ImageKeeper, type ImageRecipe, type ImportedDisk, PluginError, type StoredImage, isPluginError } from '#plugins/api';
import type { ImageStore } from '#plugins/kit/vm/image-store';
import type { StoredManifest } from '#plugins/kit/vm/stored-version';
import type { Manifest } from '#plugins/kit/vm/manifest';
import type { QemuConfig } from './config.ts';
import type { ImageCopies } from './images.ts';
import { resourcesFor } from './resources.ts';
import type { Site } from './site.ts';
import type { Shape, Snapshots } from './snapshots.ts';

/** The images of an instance: made and kept on this computer. */
export class QemuImages implements ImageKeeper {
  readonly #store: ImageStore;
  readonly #sites: readonly Site[];
  readonly #copies: ImageCopies;
  readonly #snapshots: Snapshots;
  readonly #config: QemuConfig;

  constructor(store: ImageStore, sites: readonly Site[], copies: ImageCopies, snapshots: Snapshots, config: QemuConfig) {
    this.#store = store;
    this.#sites = sites;
    this.#copies = copies;
    this.#snapshots = snapshots;
    this.#config = config;
  }

  async list(signal: AbortSignal): Promise<readonly StoredImage[]> {
    const used = (await Promise.all(this.#sites.map((site) => digestsOf(site, signal)))).flatMap((digests) => digests ?? []);
    const images = await this.#store.list();
    return await Promise.all(images.map((image) => this.#describe(image, used, signal)));
  }

  async build(recipe: ImageRecipe, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage> {
    return await this.#ready(await this.#store.build(recipe, progress, signal), progress, signal);
  }

  async import(disk: ImportedDisk, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage> {
    return await this.#ready(await this.#store.import(disk, progress, signal), progress, signal);
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const why = 'its runner uses the images of another (`images` in the configuration), which may have machines of it';
    if (this.#config.images !== null) throw new PluginError('rejected', `Image ${name} cannot be removed here: ${why}.`);
    const used = await this.#used(signal);
    await this.#store.remove(name, (digest) => used.includes(digest));
    await this.#sweep(used, signal);
  }

  /** Takes the snapshots where that needs no copying, and lets go of versions that nobody uses any more. */
  async #ready(image: StoredManifest, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage> {
    for (const site of this.#sites) {
      if (site.config.ssh !== undefined || image.manifest.access.kind !== 'seeded') continue;
      progress(`taking the memory snapshot on host ${site.config.name}`);
      await this.#snapshots.get(site, await this.#shape(site, image, signal), signal);
    }
    const used = await this.#used(signal);
    // Shared images may be in use by machines that are not seen from here.
    if (this.#config.images === null) {
      await this.#store.prune((digest) => used.includes(digest));
      await this.#sweep(used, signal);
    }
    return await this.#describe(image, used, signal);
  }

  /** What hosts have of images that are neither current nor in use. */
  async #sweep(used: readonly string[], signal: AbortSignal): Promise<void> {
    const current = (await this.#store.list()).map(({ manifest }) => manifest.digest);
    for (const site of this.#sites) await site.sweep([...new Set([...current, ...used])], signal);
  }

  async #shape(site: Site, image: StoredManifest, signal: AbortSignal): Promise<Shape> {
    const imageFolder = await this.#copies.folderOn(site, image, signal);
    return { manifest: image.manifest, imageFolder, resources: resourcesFor(undefined, this.#config, image.manifest) };
  }

  async #describe({ manifest }: StoredManifest, used: readonly string[], signal: AbortSignal): Promise<StoredImage> {
    const { name, digest, origin, system, architecture, interpreters, labels, packages, recipe } = manifest;
    return {
      name,
      digest,
      origin,
      system,
      architecture,
      interpreters,
      labels,
      packages,
      recipe,
      bytes: Object.values(manifest.files).reduce((sum, file) => sum + (file?.bytes ?? 0), 0),
      madeAt: new Date(manifest.madeAt),
      snapshot: await this.#hasSnapshot(manifest, signal),
      machines: used.filter((one) => one === digest).length,
    };
  }

  async #hasSnapshot(manifest: Manifest, signal: AbortSignal): Promise<boolean> {
    const shape = { manifest, imageFolder: '', resources: resourcesFor(undefined, this.#config, manifest) };
    const here = this.#sites.filter((site) => site.config.ssh === undefined && manifest.access.kind === 'seeded');
    const found = await Promise.all(here.map((site) => this.#snapshots.has(site, shape, signal)));
    return found.includes(true);
  }

  /** A host that cannot be asked may have machines of anything: then nothing is removed. */
  async #used(signal: AbortSignal): Promise<readonly string[]> {
    const all = await Promise.all(this.#sites.map((site) => digestsOf(site, signal)));
    const known = all.flatMap((digests) => digests ?? []);
    if (!all.includes(null)) return known;
    throw new PluginError('unavailable', 'Not all hosts can be asked which images their machines use: try again when they answer.');
  }
}

/** What machines on a host are made of; null if it does not answer. */
async function digestsOf(site: Site, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    return await site.digests(signal);
  } catch (error) {
    if (isPluginError(error, 'unavailable')) return null;
    throw error;
  }
}
