import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readlink, rename, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageRecipe, ImageRecipe as RecipeSchema, type ImportedDisk, type Logger, PluginError, isPluginError } from '#plugins/api';
import { buildImage } from './build/build-image.ts';
import { parseMirror } from './build/mirror.ts';
import { Superuser } from './build/superuser.ts';
import { importDisk } from './image-import.ts';
import { RUBBISH, WORK, isWorkedOn, takeWork } from './image-lock.ts';
import type { Manifest } from './manifest.ts';
import { type StoredManifest, FILES, describeFile, digestOf, readManifest, storedManifest } from './stored-version.ts';

export type { StoredManifest };

/** What a store needs. */
export interface ImageStoreOptions {
  /** Absolute. It is made when it is needed first. */
  readonly folder: string;
  readonly logger: Logger;
  /** The mirror for recipes that name none, as `parseMirror` reads it; absent: that of this computer's apt. */
  readonly mirror?: string | undefined;
}

/** What is told while something long goes on: a line for people. */
export type Progress = (line: string) => void;

const NAME = /^[a-z0-9][a-z0-9.-]{0,39}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * The images of one driver, in a folder; `Manifest` says how they lie there. Several processes may use the same folder: a version appears whole or not at all, is
 * never changed, and goes only when `inUse` says that no machine needs it.
 */
export class ImageStore {
  private readonly options: ImageStoreOptions;
  private readonly told = new Set<string>();

  constructor(options: ImageStoreOptions) {
    this.options = options;
  }

  /** The versions that new machines are made of, by name. One that cannot be read is told in the log and left out. */
  async list(): Promise<StoredManifest[]> {
    return (await this.versions()).filter(({ current }) => current);
  }

  /** All versions, also those that only old machines are of. */
  async versions(): Promise<StoredManifest[]> {
    const names = (await entries(this.options.folder)).filter((name) => NAME.test(name)).sort();
    return (await Promise.all(names.map((name) => this.versionsOf(name)))).flat();
  }

  /** The version that new machines of a name are made of; null if there is none. */
  async current(name: string): Promise<StoredManifest | null> {
    return NAME.test(name) ? ((await this.versionsOf(name)).find(({ current }) => current) ?? null) : null;
  }

  /** A version by its digest; null if it is not here (any more). */
  async byDigest(digest: string): Promise<StoredManifest | null> {
    return (await this.versions()).find(({ manifest }) => manifest.digest === digest) ?? null;
  }

  /** Builds an image as `ImageKeeper.build` says; machines of older versions live on. */
  async build(recipe: ImageRecipe, progress: Progress, signal: AbortSignal): Promise<StoredManifest> {
    const checked = RecipeSchema.parse(recipe);
    const stated = checked.mirror ?? this.options.mirror;
    const mirror = stated === undefined ? null : parseMirror(stated);
    return await this.make(checked.name, signal, async (work, target) => {
      const built = await buildImage({ recipe: checked, mirror, work, target, progress, signal });
      progress('Taking the digests');
      const [disk, kernel, initrd] = await Promise.all(
        [FILES.disk, FILES.kernel, FILES.initrd].map((file) => describeFile(join(target, file), signal)),
      );
      if (!disk || !kernel || !initrd) throw new Error('A file of the image is not there.');
      const { architecture, diskBytes, interpreters, labels, packages } = built;
      const description = {
        origin: 'built' as const,
        system: 'linux' as const,
        systemVersion: null,
        architecture,
        diskBytes,
        boot: { kind: 'kernel' as const, commandLine: built.commandLine },
        files: { disk, kernel, initrd },
        access: { kind: 'seeded' as const, user: built.user },
        interpreters: [...interpreters],
        toolchains: [],
        labels: { ...labels },
        packages: [...packages],
        recipe: checked,
      };
      return { ...description, digest: digestOf(description, null) };
    });
  }

  /** Takes in a disk as `ImageKeeper.import` says. */
  async import(disk: ImportedDisk, progress: Progress, signal: AbortSignal): Promise<StoredManifest> {
    if (!NAME.test(disk.name))
      throw new PluginError('invalid', `"${disk.name}" is no name of an image: it has small letters, digits, dots and dashes.`);
    return await this.make(disk.name, signal, (_, target) => importDisk(disk, target, progress, signal));
  }

  /** Removes an image with all its versions. `not-found`; `rejected` while one of them is in use, or being made. */
  async remove(name: string, inUse: (digest: string) => boolean): Promise<void> {
    const folder = this.folderOf(name);
    const found = await entries(folder);
    if (found.length === 0) throw new PluginError('not-found', `There is no image "${name}".`);
    if (await isWorkedOn(folder)) throw new PluginError('rejected', `The image ${name} is being made: wait until that is done.`);
    if (found.some((entry) => DIGEST.test(entry) && inUse(entry)))
      throw new PluginError('rejected', `The image ${name} is in use: machines of it exist. Remove them, or the pools that want them, first.`);
    const rubbish = join(this.options.folder, `${RUBBISH}${randomUUID()}`);
    await rename(folder, rubbish);
    await discard(rubbish);
  }

  /** Removes versions that are neither used for new machines nor in use, and what builds left that were killed. */
  async prune(inUse: (digest: string) => boolean): Promise<void> {
    for (const name of await entries(this.options.folder)) {
      if (name.startsWith(RUBBISH)) await discard(join(this.options.folder, name));
      if (NAME.test(name)) await this.pruneImage(name, inUse);
    }
  }

  private async pruneImage(name: string, inUse: (digest: string) => boolean): Promise<void> {
    const folder = this.folderOf(name);
    const current = await this.currentDigest(name);
    // While one works on it, its temporary folders are its own.
    if (await isWorkedOn(folder)) return;
    for (const entry of await entries(folder)) {
      const isOld = DIGEST.test(entry) && entry !== current && !inUse(entry);
      if (isOld || entry === WORK || entry.startsWith(RUBBISH)) await discard(await this.putAside(folder, entry));
    }
  }

  /** Out of the way at once: nobody shall see a version that is half removed. */
  private async putAside(folder: string, entry: string): Promise<string> {
    if (entry.startsWith(RUBBISH)) return join(folder, entry);
    const aside = join(folder, `${RUBBISH}${randomUUID()}`);
    await rename(join(folder, entry), aside);
    return aside;
  }

  private async make(
    name: string,
    signal: AbortSignal,
    fill: (work: string, target: string) => Promise<Omit<Manifest, 'format' | 'name' | 'madeAt'>>,
  ): Promise<StoredManifest> {
    const folder = this.folderOf(name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const work = await takeWork(folder, name);
    try {
      for (const entry of await entries(folder)) if (entry.startsWith(RUBBISH)) await discard(join(folder, entry));
      const target = join(work, 'target');
      await mkdir(target);
      const filled = await fill(work, target);
      signal.throwIfAborted();
      const manifest: Manifest = { format: 1, name, madeAt: new Date().toISOString(), ...filled };
      await writeFile(join(target, FILES.manifest), `${JSON.stringify(manifest, null, 1)}\n`);
      return storedManifest(await this.publish(folder, target, manifest), manifest, true);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      await discard(work);
      await removeIfEmpty(folder);
    }
  }

  private async publish(folder: string, target: string, { digest }: Manifest): Promise<string> {
    const version = join(folder, digest);
    // The very same version may be there from before; it may even be in use, so it stays as it is.
    if (!(await entries(folder)).includes(digest)) await rename(target, version);
    const link = join(folder, `${RUBBISH}${randomUUID()}`);
    await symlink(digest, link);
    await rename(link, join(folder, 'current'));
    return version;
  }

  private async versionsOf(name: string): Promise<StoredManifest[]> {
    const folder = this.folderOf(name);
    const current = await this.currentDigest(name);
    const digests = (await entries(folder)).filter((entry) => DIGEST.test(entry));
    const read = await Promise.all(digests.map((digest) => this.version(folder, name, digest, digest === current)));
    return read.filter((version) => version !== null);
  }

  private async version(folder: string, name: string, digest: string, current: boolean): Promise<StoredManifest | null> {
    const own = join(folder, digest);
    try {
      const manifest = await readManifest(own, name, digest);
      return manifest === null ? null : storedManifest(own, manifest, current);
    } catch (error) {
      if (!isPluginError(error)) throw error;
      if (!this.told.has(error.message)) this.options.logger.warn('an image cannot be used', { image: name, error });
      this.told.add(error.message);
      return null;
    }
  }

  private async currentDigest(name: string): Promise<string | null> {
    try {
      return await readlink(join(this.folderOf(name), 'current'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  private folderOf(name: string): string {
    if (!NAME.test(name)) throw new PluginError('not-found', `There is no image "${name}".`);
    return join(this.options.folder, name);
  }
}

/** Removes a folder, whoever of a build owns its files. */
async function discard(folder: string): Promise<void> {
  await new Superuser().remove(folder, new AbortController().signal);
}

/** A name of which nothing was made. */
async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'ENOENT'))) throw error;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
