import { isIP } from 'node:net';
import { PluginError } from '#plugins/api';
import type { GitUrl } from './git-url.ts';
import type { Address } from './public-address.ts';

const USUAL_PORT = { https: '443', http: '80' } as const;
/** What was named is fetched from where it was named: a host could send git on to what only this server reaches. */
const STAY = 'http.followRedirects=false';

/**
 * The settings with which git fetches a submodule that a stranger's change names. He may name any address: what only this server reaches is none of his business. At
 * the host of the project itself git may not be sent elsewhere. At any other it connects to the addresses that `addressesOf` found harmless and to no other, whatever
 * the name stands for by then (git before 2.37 cannot be told so, and looks the name up itself). Throws `invalid` for a host that may not be called, and for a way to
 * reach it that cannot be pinned.
 */
export async function settingsForStrangers(
  { transport, host }: GitUrl,
  isOwnHost: boolean,
  addressesOf: (host: string) => Promise<readonly Address[]>,
): Promise<string[]> {
  if (isOwnHost || host === null) return [STAY];
  if (transport !== 'https' && transport !== 'http')
    throw new PluginError(
      'invalid',
      'A change that is not trusted may name submodules of other hosts by https or http only: use such a URL, or approve the change.',
    );
  const [, name = host, port = USUAL_PORT[transport]] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const addresses = await addressesOf(name);
  return [STAY, ...pins(name, port, addresses)];
}

/** As curl's `--resolve` has them. curl does not look up what is an address, and takes a name with and without the dot of the root for two. */
function pins(name: string, port: string, addresses: readonly Address[]): string[] {
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return [];
  const list = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(',');
  const names = new Set([name, name.replace(/\.$/, '')]);
  return [...names].map((each) => `http.curloptResolve=${each}:${port}:${list}`);
}
