import type { CacheConfig } from '../config/index.ts';

/** How a job's package managers use the cache. */
export interface PackageOffer {
  /** The cache's own address, as the machine knows it. */
  readonly url: string;
  /** Of the first index of Python packages; null where there is none. */
  readonly index: string | null;
  /** Of the first mirror of what python-build downloads; null where there is none. */
  readonly sources: string | null;
  /** Archives of Debian packages: where a system looks for them, and where it is to look. */
  readonly archives: readonly { readonly from: string; readonly to: string }[];
}

/** What a machine that reaches the cache at `url` is told; null for one that does not. */
export function packageOffer(url: string | null, cache: CacheConfig | null): PackageOffer | null {
  if (url === null || cache === null) return null;
  const [index, sources] = (['pypi', 'python-build'] as const).map((wanted) => cache.origins.find(({ kind }) => kind === wanted));
  return {
    url,
    index: index === undefined ? null : `${url}/${index.name}/simple/`,
    sources: sources === undefined ? null : `${url}/${sources.name}`,
    archives: cache.origins.flatMap((origin) => (origin.kind === 'apt' ? [{ from: origin.url, to: `${url}/${origin.name}` }] : [])),
  };
}

/** Variables of a job; pip, uv and python-build read theirs by themselves. An index beside the first is never named to pip: of two indexes it takes whichever has the higher version. */
export function packageVariables(offer: PackageOffer | null): Record<string, string> {
  if (offer === null) return {};
  const { url, index, sources, archives } = offer;
  return {
    TERRARIUM_PACKAGES: url,
    ...(index === null ? {} : { PIP_INDEX_URL: index, PIP_TRUSTED_HOST: new URL(url).host, UV_DEFAULT_INDEX: index }),
    ...(sources === null ? {} : { PYTHON_BUILD_MIRROR_URL: sources }),
    ...(archives.length === 0 ? {} : { TERRARIUM_APT_MIRRORS: archives.map(({ from, to }) => `${from} ${to}`).join('\n') }),
  };
}
