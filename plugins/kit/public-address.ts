import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PluginError } from '#plugins/api';

/** An address that a name stands for, as `node:net` wants it. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

// https://www.iana.org/assignments/iana-ipv4-special-registry: all that is not reachable by everybody, and multicast.
const NOT_PUBLIC_4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

// https://www.iana.org/assignments/iana-ipv6-special-registry: what within 2000::/3 is special. 2001::/23 has Teredo, 2002::/16 is 6to4: both lead to IPv4
// addresses of anybody's choice.
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_4) special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of NOT_PUBLIC_6) special.addSubnet(net, prefix, 'ipv6');
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address is one that anybody in the Internet can reach: not loopback, private, link-local (with the metadata services of clouds), multicast or
 * otherwise special, nor an IPv6 form of such an IPv4 address. Pure; false for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  // A zone (`fe80::1%eth0`) belongs to link-local addresses only.
  if (family === 0 || address.includes('%')) return false;
  if (family === 4) return !special.check(address, 'ipv4');
  return global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/**
 * The addresses of a host that may be connected to: all of them, or unless `allowPrivate` those that are public and not of this computer itself. Who connects
 * must use these and not look the name up again. `own`: the addresses of this computer, public ones too. Throws `unavailable` for a name that cannot be looked up,
 * `invalid` if nothing is left.
 */
export async function permittedAddresses(host: string, allowPrivate: boolean, own = ownAddresses()): Promise<readonly Address[]> {
  const found = await addressesOf(host);
  if (allowPrivate) return found;
  const permitted = found.filter(({ address }) => isPublicAddress(address) && !own.has(address));
  if (permitted.length > 0) return permitted;
  throw new PluginError(
    'invalid',
    `${host} is in this server's own network, which may not be called: give a public address, or ask an administrator.`,
  );
}

/** For a connection to one of these addresses and no other. It is not asked where a URL has an address instead of a name, which is what was checked then. */
export function lookupOf(addresses: readonly Address[]): LookupFunction {
  const [first] = addresses;
  return (_host, options, done) => {
    if (options.all === true) done(null, [...addresses]);
    else if (first === undefined) done(new Error('there is no address'), '');
    else done(null, first.address, first.family);
  };
}

async function addressesOf(host: string): Promise<Address[]> {
  const literal = host.replace(/^\[(.*)\]$/, '$1');
  try {
    // Of an address this gives the address.
    const found = await lookup(literal, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch (cause) {
    throw new PluginError('unavailable', `The name ${host} cannot be looked up: check it, or try again later.`, { cause });
  }
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((entries) => entries?.map(({ address }) => address) ?? []));
}
