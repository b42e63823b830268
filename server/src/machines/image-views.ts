import type { ImageKeeper } from '#plugins/api';
import type { ImageView } from '#server/api';
import type { Registry } from '../plugins/index.ts';

const PATIENCE_MS = 10_000;

/** The images that runners keep here, by runner and name. Rejects with the `PluginError` of a runner that cannot say. */
export async function imageViews(registry: Registry, signal: AbortSignal): Promise<ImageView[]> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const lists = registry.all('runner').flatMap(({ name, extension }) => (extension.images ? [viewsOf(name, extension.images, limited)] : []));
  return (await Promise.all(lists)).flat();
}

async function viewsOf(driver: string, images: ImageKeeper, signal: AbortSignal): Promise<ImageView[]> {
  const stored = await images.list(signal);
  return stored
    .map((image) => ({
      name: image.name,
      driver,
      digest: image.digest,
      origin: image.origin,
      system: image.system,
      architecture: image.architecture,
      bytes: image.bytes,
      madeAt: image.madeAt.toISOString(),
      interpreters: image.interpreters.map(({ name, version, path }) => ({ name, version, path })),
      labels: { ...image.labels },
      packages: image.packages.map(({ name, version }) => ({ name, version })),
      snapshot: image.snapshot,
      machines: image.machines,
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
