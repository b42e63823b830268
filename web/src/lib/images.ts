import type { ImageView } from '#server/api';

/** So much of a SHA-256 tells images apart. */
const SHORT = 12;

/** A digest as people say it; the whole of it belongs on hover and into the clipboard. */
export function shortDigest(digest: string): string {
  return digest.slice(0, SHORT);
}

type Package = ImageView['packages'][number];

/** Packages whose name holds every word of a query, in their order. */
export function filterPackages(packages: readonly Package[], query: string): Package[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return packages.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

/** Names of images that say their system. */
const SYSTEM_NAME = /^(debian-\d+|sid)$/;

/**
 * The command that makes an image of the same system and interpreters; null for one that was made elsewhere. Packages and the disk's size are
 * in its recipe, which `terrarium image inspect` tells.
 */
export function rebuildCommand(image: ImageView): string | null {
  if (image.origin !== 'built') return null;
  const base = image.labels['system'];
  const system = SYSTEM_NAME.test(image.name) || base === undefined ? '' : ` --system ${base}`;
  const architecture = image.architecture === 'x86_64' ? '' : ` --arch ${image.architecture}`;
  const pythons = image.interpreters.map(({ name }) => ` --python ${name}`).join('');
  return `terrarium image build ${image.name}${system}${architecture}${pythons}`;
}
