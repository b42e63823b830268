import { z } from 'zod';
import { type DeniedAttempt, PluginError } from '#plugins/api';
import { GATEWAY } from './network.ts';

const Counter = z.object({ packets: z.number().int().nonnegative() });
const Denied = z.object({
  elem: z.object({ val: z.object({ concat: z.tuple([z.string(), z.union([z.string(), z.number()]), z.number().int()]) }), counter: Counter }),
});
const Pinged = z.object({ elem: z.object({ val: z.string(), counter: Counter }) });
const Sets = z.object({
  nftables: z.array(z.object({ set: z.object({ name: z.string(), elem: z.array(z.unknown()).default([]) }).optional() })),
});

/** QEMU sends a guest's pings on as questions to this UDP port, where it may not ping itself. */
const ECHO = 7;

/** What `nft -j list ruleset` of a machine's namespace says was tried in vain, most often first. `rejected` if it is no such thing. */
export function parseDenied(json: string): DeniedAttempt[] {
  const sets = parse(json).nftables.flatMap(({ set }) => set ?? []);
  const elements = (name: string): unknown[] => sets.find((set) => set.name === name)?.elem ?? [];
  const connections = z.array(Denied).parse(elements('denied'));
  const pings = z.array(Pinged).parse(elements('pinged'));
  const found: DeniedAttempt[] = [
    ...connections.map(({ elem: { val, counter } }) => {
      const [address, protocol, port] = val.concat;
      if (protocolOf(protocol) === 'udp' && port === ECHO)
        return { protocol: 'icmp' as const, address: asSeenInside(address), port: null, count: counter.packets };
      return { protocol: protocolOf(protocol), address: asSeenInside(address), port, count: counter.packets };
    }),
    ...pings.map(({ elem }) => ({ protocol: 'icmp' as const, address: asSeenInside(elem.val), port: null, count: elem.counter.packets })),
  ];
  return found.toSorted((one, other) => other.count - one.count).slice(0, 1000);
}

function parse(json: string): z.infer<typeof Sets> {
  try {
    return Sets.parse(JSON.parse(json));
  } catch (error) {
    throw new PluginError('rejected', `nft gives no list that can be read: ${JSON.stringify(json.slice(0, 200))}.`, { cause: error });
  }
}

/** nft names the protocols that it knows and numbers the others. */
function protocolOf(protocol: string | number): 'tcp' | 'udp' {
  return protocol === 'tcp' || protocol === 6 ? 'tcp' : 'udp';
}

/** QEMU turns its own address into the loopback. */
function asSeenInside(address: string): string {
  return address === '127.0.0.1' ? GATEWAY : address;
}
