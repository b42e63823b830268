import type { ImageDescription } from '#plugins/api';

/** Whether machines of the one are as good as those of the other: the same digest, and nothing that jobs ask for differs. */
export function isSameImage(one: ImageDescription, other: ImageDescription): boolean {
  return facts(one) === facts(other);
}

/** Whether a machine with this digest was made from that image; yes, where the driver does not tell. */
export function isMadeFrom(digest: string | null, image: ImageDescription): boolean {
  return digest === null || image.digest === null || digest === image.digest;
}

function facts({ image, digest, system, architecture, isolation, interpreters, toolchains }: ImageDescription): string {
  const carried = interpreters.map(({ name, implementation, version, path }) => [name, implementation, version, path]);
  const compilers = toolchains.map(({ name, version, path }) => [name, version, path]);
  return JSON.stringify([image, digest, system, architecture, isolation, carried, compilers]);
}
