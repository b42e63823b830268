import { type ImageDescription, PluginError } from '#plugins/api';
import type { ImageStore } from '#plugins/kit/vm/image-store';
import type { StoredManifest } from '#plugins/kit/vm/stored-version';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { REMOVE } from './scripts.ts';
import type { Site } from './site.ts';

/** `$1`: folder of an image on a host, `$2`: the digests that its files must have, as sha256sum reads them. Marks it as whole. */
const CHECK = `cd -- "$1" && printf '%s\\n' "$2" | sha256sum -c --quiet && : >whole`;
const IS_WHOLE = `[ -e "$1/whole" ]`;
const MAKE = `umask 077; rm -rf -- "$1"; mkdir -p -- "$1"`;

/** Where an image's files are on a host: on this computer where they were made, on another a copy that is made when it is first needed. */
export class ImageCopies {
  readonly #store: ImageStore;
  readonly #copying = new Map<string, Promise<string>>();

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /** The image that new machines are made of. Throws `not-found`. */
  async current(name: string): Promise<StoredManifest> {
    const found = await this.#store.current(name);
    if (found !== null) return found;
    const hint = `\`terrarium image build ${name}\` makes one, \`terrarium image list\` shows those there are.`;
    throw new PluginError('not-found', `There is no image ${name}. ${hint}`);
  }

  /** The folder on the host that holds the image's files. */
  async folderOn(site: Site, image: StoredManifest, signal: AbortSignal): Promise<string> {
    if (site.config.ssh === undefined) return image.folder;
    const folder = `${(await site.facts(signal)).root}/images/${image.manifest.digest}`;
    const key = `${site.config.name} ${folder}`;
    const copying = this.#copying.get(key) ?? this.#copy(site, image, folder, signal).finally(() => this.#copying.delete(key));
    this.#copying.set(key, copying);
    return await copying;
  }

  async #copy(site: Site, { folder: here, manifest }: StoredManifest, folder: string, signal: AbortSignal): Promise<string> {
    if ((await site.run(IS_WHOLE, [folder], signal)).exitCode === 0) return folder;
    await site.run(MAKE, [folder], signal);
    const files = filesOf(manifest);
    for (const { name } of files) await site.watch(() => site.host.putFile(`${here}/${name}`, `${folder}/${name}`, signal));
    const sums = files.map(({ name, sha256 }) => `${sha256}  ${name}`).join('\n');
    const { exitCode, errors } = await site.run(CHECK, [folder, sums], signal);
    if (exitCode === 0) return folder;
    await site.run(REMOVE, [folder], signal);
    throw new PluginError(
      'unavailable',
      `The copy of image ${manifest.name} on host ${site.config.name} is not whole: ${errors.trim().slice(0, 500)}`,
    );
  }
}

function filesOf({ files }: Manifest): { name: string; sha256: string }[] {
  const { disk, kernel, initrd } = files;
  return [
    { name: 'disk.qcow2', sha256: disk.sha256 },
    ...(kernel ? [{ name: 'kernel', sha256: kernel.sha256 }] : []),
    ...(initrd ? [{ name: 'initrd', sha256: initrd.sha256 }] : []),
  ];
}

/** What the core is told of an image. */
export function describeImage(
  { name, system, systemVersion, architecture, interpreters, toolchains, digest }: Manifest,
  notes: readonly string[],
): ImageDescription {
  const note = 'A virtual machine of its own, thrown away after one job. Its network is closed but for what the pool allows.';
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
