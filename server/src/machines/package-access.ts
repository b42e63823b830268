import type { MachineDoor, RunnerDriver } from '#plugins/api';
import type { PoolConfig } from '../config/index.ts';

/** The cache of packages, as pools see it. */
export interface PackageSource {
  /** By which machines elsewhere reach it; null: they do not. */
  readonly url: string | null;
  /** Its port on this computer's loopback; null where it does not listen. */
  port(): Promise<number | null>;
}

/** For an installation without. */
export const NO_PACKAGES: PackageSource = { url: null, port: () => Promise.resolve(null) };

/** How a machine reaches the cache: by which address, and what of that its driver must be told. */
export interface PackageAccess {
  /** Without a slash at the end. */
  readonly url: string;
  readonly doors: readonly MachineDoor[];
  readonly allow: readonly string[];
}

/** Where machines with doors find it: an address of nobody (RFC 2544), which so stands for nothing else; a number, for a machine may know no names. */
const ADDRESS = '198.18.1.1';
const PORT = 80;

/** The kind of way that machines of a pool have; null: none. */
export function wayToPackages(settings: Pick<PoolConfig, 'cache'>, { loopback }: RunnerDriver, url: string | null): 'door' | 'direct' | 'url' | null {
  if (!settings.cache) return null;
  return loopback ?? (url === null ? null : 'url');
}

/** How the next machine of a pool reaches the cache; null: not at all. */
export async function packageAccess(settings: PoolConfig, driver: RunnerDriver, source: PackageSource): Promise<PackageAccess | null> {
  const way = wayToPackages(settings, driver, source.url);
  if (way === null) return null;
  const port = await source.port();
  if (port === null) return null;
  if (way === 'direct') return { url: `http://127.0.0.1:${port}`, doors: [], allow: [] };
  if (way === 'door') return { url: `http://${ADDRESS}`, doors: [{ address: ADDRESS, port: PORT, loopbackPort: port }], allow: [] };
  return source.url === null ? null : { url: source.url, doors: [], allow: [destination(source.url)] };
}

/** `HOST:PORT` of a URL. */
function destination(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}
