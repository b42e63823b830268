import type { AttemptView } from '#server/api';
import { count } from './numbers.ts';

export type Denied = AttemptView['denied'][number];

/** Attempts of one kind at one address. `name`: what that is, where it is well known; `advice`: what to do about it. */
export interface DeniedGroup {
  address: string;
  name: string | null;
  advice: string;
  /** `tcp 443`, `udp 53`, `icmp`, with how often. */
  targets: { text: string; count: number }[];
  count: number;
  /** Lines for the pool's `allow`; none where it should stay closed. */
  allow: string[];
}

interface Known {
  name: string;
  advice: string;
  isNever: boolean;
}

const HOST: Known = { name: 'the host itself', advice: 'Machines never reach their host: nothing of it is offered to them.', isNever: true };
const DNS: Known = {
  name: 'a DNS server',
  advice: "Names that the pool allows are known to the machine without DNS; other names are not looked up. Allow the name's own HOST:PORT.",
  isNever: true,
};
const METADATA: Known = { name: 'cloud metadata', advice: 'Credentials of clouds live there: no job should want it.', isNever: true };
const OTHER: Known = {
  name: 'this network or another machine',
  advice: 'A private address: allow it only if jobs really need what is there.',
  isNever: false,
};

/** What an address is known for; null for any other. */
export function knownAddress(address: string, port: number | null): Known | null {
  if (address === '169.254.169.254' || address.toLowerCase() === 'fd00:ec2::254') return METADATA;
  if (address === '10.0.2.2' || address.startsWith('127.') || address === '::1') return HOST;
  if (port === 53 || address === '10.0.2.3') return DNS;
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(address)) return OTHER;
  return null;
}

/** Attempts by address and by what that is, most frequent first; what stays closed for good after the rest. */
export function groupDenied(denied: readonly Denied[]): DeniedGroup[] {
  const groups = new Map<string, DeniedGroup & { isNever: boolean }>();
  for (const attempt of denied) {
    const known = knownAddress(attempt.address, attempt.port);
    const key = `${attempt.address} ${known?.name ?? ''}`;
    const group = groups.get(key) ?? emptyGroup(attempt.address, known);
    group.targets.push({ text: targetOf(attempt), count: attempt.count });
    group.count += attempt.count;
    if (attempt.protocol === 'tcp' && attempt.port !== null && !group.isNever) group.allow.push(`${attempt.address}:${attempt.port}`);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((a, b) => Number(a.isNever) - Number(b.isNever) || b.count - a.count)
    .map(({ isNever: _isNever, ...group }) => group);
}

function emptyGroup(address: string, known: Known | null): DeniedGroup & { isNever: boolean } {
  const advice = known?.advice ?? 'Look up what this is: if jobs need it, allow it by its name.';
  return { address, name: known?.name ?? null, advice, targets: [], count: 0, allow: [], isNever: known?.isNever ?? false };
}

function targetOf({ protocol, port }: Denied): string {
  return port === null ? protocol : `${protocol} ${port}`;
}

/** The panel's first line. */
export function deniedSentence(denied: readonly Denied[]): string {
  const addresses = new Set(denied.map(({ address }) => address)).size;
  return `This job's machine tried to reach ${count(addresses, 'address', 'addresses')} that its pool does not allow`;
}

/** The well-known ones among them, and how many others: `cloud metadata, a DNS server and 2 others`. */
export function deniedNames(groups: readonly DeniedGroup[]): string[] {
  const names = [...new Set(groups.flatMap(({ name }) => name ?? []))];
  const others = groups.filter(({ name }) => name === null).length;
  if (others === 0) return names;
  return [...names, names.length === 0 ? count(others, 'unknown one') : count(others, 'other')];
}
