import { isIPv6 } from 'node:net';
import type { Request } from 'express';

/** IPv4 addresses as IPv6 sockets show them. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
/** What one customer of a provider is given at least: within it an address is as good as another. */
const NETWORK_GROUPS = 4;

/** Where a request comes from, for counting: an IPv4 address, or the /64 network of an IPv6 one. Behind a proxy with TLS that is what the proxy says. */
export function addressOf(request: Pick<Request, 'ip'>): string {
  return networkOf(request.ip ?? 'unknown');
}

/** See `addressOf`. Pure. */
export function networkOf(address: string): string {
  const plain = address.replace(MAPPED, '').replace(/%.*$/, '');
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, NETWORK_GROUPS).join(':')}::/64` : plain;
}

/** All eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map((group) => group.replace(/^0+(?=.)/, ''));
}
