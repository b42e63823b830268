import { expect, it, test } from 'vitest';
import { deniedNames, deniedSentence, groupDenied, knownAddress, type Denied } from './denied.ts';

const tried = (address: string, port: number | null, count = 1, protocol: Denied['protocol'] = 'tcp'): Denied => ({ protocol, address, port, count });

test.each([
  ['169.254.169.254', 80, 'cloud metadata'],
  ['10.0.2.2', 22, 'the host itself'],
  ['127.0.0.1', 5432, 'the host itself'],
  ['8.8.8.8', 53, 'a DNS server'],
  ['10.0.2.3', 53, 'a DNS server'],
  ['192.168.1.14', null, 'this network or another machine'],
  ['172.31.0.9', 22, 'this network or another machine'],
  ['172.32.0.9', 22, undefined],
  ['151.101.64.223', 443, undefined],
])('%s port %s is %s', (address, port, name) => expect(knownAddress(address, port)?.name).toBe(name));

it('puts what one address was asked for together, what may be allowed first', () => {
  const groups = groupDenied([tried('10.0.2.2', 7000), tried('1.2.3.4', 443, 2), tried('10.0.2.2', 22, 40), tried('1.2.3.4', 80)]);
  expect(groups.map(({ address, count, targets, allow }) => [address, count, targets.map(({ text }) => text), allow])).toEqual([
    ['1.2.3.4', 3, ['tcp 443', 'tcp 80'], ['1.2.3.4:443', '1.2.3.4:80']],
    ['10.0.2.2', 41, ['tcp 7000', 'tcp 22'], []],
  ]);
});

it('tells a DNS server from the same address on other ports', () => {
  expect(groupDenied([tried('8.8.8.8', 53, 1, 'udp'), tried('8.8.8.8', 443)]).map(({ name }) => name)).toEqual([null, 'a DNS server']);
});

it('offers no line for what has no port', () => {
  expect(groupDenied([tried('9.9.9.9', null, 1, 'icmp')])[0]?.allow).toEqual([]);
});

it('counts addresses, and names those that are known', () => {
  const denied = [tried('10.0.2.2', 7000), tried('10.0.2.2', 22), tried('1.2.3.4', 443), tried('5.6.7.8', 443)];
  expect(deniedSentence(denied)).toBe("This job's machine tried to reach 3 addresses that its pool does not allow");
  expect(deniedNames(groupDenied(denied))).toEqual(['the host itself', '2 others']);
  expect(deniedNames(groupDenied([tried('1.2.3.4', 443)]))).toEqual(['1 unknown one']);
});
