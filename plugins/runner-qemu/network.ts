import { isIPv4 } from 'node:net';
import type { MachineDoor } from '#plugins/api';

/**
 * What a machine may reach. QEMU's own network turns what a guest sends into connections of the QEMU process, and that process lives in a network namespace in which
 * there is nothing: every address is its own (a local route), and the rules refuse and count whatever is tried. For each allowed destination a relay listens in the
 * namespace on an address of its own; it leads, through a Unix socket, to a relay outside. The guest knows these addresses by its /etc/hosts. A destination that
 * is an address itself is listened at as that: in the namespace every address is local.
 */

/** Where SSH of the guest is inside the namespace. */
export const SSH_PORT = 2222;
/** How the guest calls its gateway; QEMU makes it the namespace's loopback. */
export const GATEWAY = '10.0.2.2';

/** A way out: the guest connects to `address:port`, the host on its behalf to `host:port`, or `host:hostPort`. */
export interface Gate {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Where another port of the host is meant than the guest connects to. */
  readonly hostPort?: number;
}

/** The gates for destinations `HOST:PORT`; the same host has one address, whatever the port. At most 250 names. */
export function gatesOf(allow: readonly string[]): Gate[] {
  const hosts = new Map<string, string>();
  return [...new Set(allow.map((destination) => destination.toLowerCase()))].map((destination) => {
    const colon = destination.lastIndexOf(':');
    const host = destination.slice(0, colon);
    const address = isIPv4(host) ? host : (hosts.get(host) ?? `198.18.0.${hosts.size + 1}`);
    if (!isIPv4(host)) hosts.set(host, address);
    return { address, host, port: Number(destination.slice(colon + 1)) };
  });
}

/** The gates for doors: they lead to the loopback of the host that the machine is on. */
export function doorGates(doors: readonly MachineDoor[]): Gate[] {
  return doors.map(({ address, port, loopbackPort }) => ({ address, host: '127.0.0.1', port, hostPort: loopbackPort }));
}

/** The guest's /etc/hosts. */
export function hostsFile(name: string, gates: readonly Gate[]): string {
  const names = new Map(gates.filter((gate) => !isIPv4(gate.host)).map((gate) => [gate.host, gate.address]));
  return ['127.0.0.1 localhost', `127.0.1.1 ${name}`, ...[...names].map(([host, address]) => `${address} ${host}`), ''].join('\n');
}

/** The rules of a machine's namespace, as `nft -f` reads them. Refusals are told at once, so that nothing waits for a time-out. */
export function rules(gates: readonly Gate[]): string {
  const open = [{ address: '127.0.0.1', port: SSH_PORT }, ...gates].flatMap(({ address, port }) => [
    `ip daddr ${address} tcp dport ${port} accept`,
    `ip saddr ${address} tcp sport ${port} accept`,
  ]);
  return `table inet terrarium {
  set denied { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 1000; }
  set pinged { type ipv4_addr; flags dynamic; size 100; }
  chain output {
    type filter hook output priority 0; policy drop;
    ${open.join('\n    ')}
    tcp flags & rst == rst accept
    icmp type destination-unreachable accept
    tcp flags & (syn | ack) == syn add @denied { ip daddr . meta l4proto . th dport counter }
    meta l4proto udp add @denied { ip daddr . meta l4proto . th dport counter }
    meta l4proto icmp add @pinged { ip daddr counter }
    meta l4proto tcp reject with tcp reset
    reject
  }
}
`;
}
