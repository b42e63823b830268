import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageDescription, type MachineResources, PluginError } from '#plugins/api';
import { Turns } from '#plugins/kit/turns';
import type { ImageStore, StoredManifest } from '#plugins/kit/vm/image-store';
import type { Manifest } from '#plugins/kit/vm/manifest';
import type { LibvirtConfig } from './config.ts';
import { CHECK_IMAGE, EMPTY_FOLDER, IS_WHOLE, REMOVE } from './scripts.ts';
import type { Site } from './site.ts';

/** Copies of images on the hosts, made when they are first needed. libvirt's QEMU runs as another account, which cannot read the server's own folder. */
export class ImageCopies {
  readonly #store: ImageStore;
  readonly #turns = new Turns();
  /** Host and folder of copies that are known to be whole. */
  readonly #whole = new Set<string>();

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /** The version that new machines are made of. `not-found`, or `unsupported` for one that no session can be opened on. */
  async current(name: string): Promise<StoredManifest> {
    const found = await this.#store.current(name);
    if (found === null) throw new PluginError('not-found', `There is no image ${name}. \`terrarium image build ${name}\` makes one.`);
    if (found.manifest.system !== 'linux')
      throw new PluginError('unsupported', `Image ${name} is of ${found.manifest.system}: no job can be run in it.`);
    return found;
  }

  /** The folder on the host that holds the image's files. */
  async folderOn(site: Site, image: StoredManifest, signal: AbortSignal): Promise<string> {
    const folder = `${(await site.facts(signal)).root}/images/${image.manifest.digest}`;
    const key = `${site.config.name} ${folder}`;
    await this.#turns.take(key, async () => {
      if (this.#whole.has(key)) return;
      await this.#copy(site, image, folder, signal);
      this.#whole.add(key);
    });
    return folder;
  }

  /** After something was removed there: what is needed is looked at anew. */
  forget(site: Site): void {
    for (const key of this.#whole) if (key.startsWith(`${site.config.name} `)) this.#whole.delete(key);
  }

  async #copy(site: Site, { folder: here, manifest }: StoredManifest, folder: string, signal: AbortSignal): Promise<void> {
    if ((await site.run(IS_WHOLE, [folder], signal)).exitCode === 0) return;
    // What is replaced by the new version goes first: there may be no room for both.
    await site.prune(await this.#wanted(manifest.digest), signal);
    this.forget(site);
    if ((await site.run(EMPTY_FOLDER, [folder], signal)).exitCode !== 0)
      throw new PluginError('rejected', `${folder} cannot be made on host ${site.config.name}.`);
    const files = filesOf(manifest);
    for (const { name } of files) await site.watch(() => site.host.putFile(join(here, name), `${folder}/${name}`, signal));
    const sums = files.map(({ name, sha256 }) => `${sha256}  ${name}`).join('\n');
    const { exitCode, errors } = await site.run(CHECK_IMAGE, [folder, sums], signal);
    if (exitCode === 0) return;
    await site.run(REMOVE, [folder], signal);
    throw new PluginError('rejected', `The copy of image ${manifest.name} on host ${site.config.name} is not whole: ${errors.trim().slice(0, 500)}`);
  }

  async #wanted(digest: string): Promise<string[]> {
    return [digest, ...(await this.#store.list()).map(({ manifest }) => manifest.digest)];
  }
}

function filesOf({ files: { disk, kernel, initrd } }: Manifest): { readonly name: string; readonly sha256: string }[] {
  return Object.entries({ 'disk.qcow2': disk, kernel, initrd }).flatMap(([name, file]) => (file ? [{ name, sha256: file.sha256 }] : []));
}

/** The private key of an image whose machines all have the same. */
export async function fixedKey({ folder, manifest }: StoredManifest): Promise<string> {
  try {
    return await readFile(join(folder, 'key'), 'utf8');
  } catch (error) {
    throw new PluginError('unauthorized', `The private key of image ${manifest.name} cannot be read.`, { cause: error });
  }
}

/** What a machine has: what its pool says, else what the instance says; its disk is never smaller than the image's. */
export function resourcesFor(wanted: MachineResources | undefined, { resources }: LibvirtConfig, { diskBytes }: Manifest): MachineResources {
  const least = Math.ceil(diskBytes / 1024 ** 3);
  const { cpus, memoryMegabytes, diskGigabytes } = wanted ?? resources;
  return { cpus, memoryMegabytes, diskGigabytes: Math.max(least, diskGigabytes ?? least) };
}

/** What the core is told of an image. */
export function describeImage(
  { name, system, systemVersion, architecture, interpreters, toolchains, digest }: Manifest,
  notes: readonly string[],
): ImageDescription {
  const note = 'A virtual machine of its own, thrown away after one job. It has no network.';
  return {
    image: name,
    system,
    systemVersion,
    architecture,
    isolation: 'vm',
    isolationNote: [note, ...notes].join(' '),
    interpreters,
    toolchains,
    digest,
  };
}
