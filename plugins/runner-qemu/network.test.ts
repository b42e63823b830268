import { describe, expect, test } from 'vitest';
import { QemuConfig } from './config.ts';
import { parseDenied } from './denied.ts';
import { doorGates, gatesOf, hostsFile, rules } from './network.ts';

describe('the way out of a machine', () => {
  const gates = gatesOf(['Mirror.Example.org:443', 'mirror.example.org:80', '192.0.2.7:9418', 'mirror.example.org:443']);

  test('a name has an address of its own, whatever its ports; an address stays what it is; nothing twice', () => {
    expect(gates).toEqual([
      { address: '198.18.0.1', host: 'mirror.example.org', port: 443 },
      { address: '198.18.0.1', host: 'mirror.example.org', port: 80 },
      { address: '192.0.2.7', host: '192.0.2.7', port: 9418 },
    ]);
  });

  test('the guest knows the names', () => {
    expect(hostsFile('m1', gates)).toBe('127.0.0.1 localhost\n127.0.1.1 m1\n198.18.0.1 mirror.example.org\n');
  });

  test('nothing but the gates and the way in is let through', () => {
    const accepted = rules(gates).match(/^ *ip daddr .* accept$/gm);
    expect(accepted?.map((line) => line.trim())).toEqual([
      'ip daddr 127.0.0.1 tcp dport 2222 accept',
      'ip daddr 198.18.0.1 tcp dport 443 accept',
      'ip daddr 198.18.0.1 tcp dport 80 accept',
      'ip daddr 192.0.2.7 tcp dport 9418 accept',
    ]);
    expect(rules([])).toContain('policy drop');
  });
});

test('a door leads to one port of the loopback, and has no name', () => {
  const doors = doorGates([{ address: '198.18.1.1', port: 80, loopbackPort: 7080 }]);
  expect(doors).toEqual([{ address: '198.18.1.1', host: '127.0.0.1', port: 80, hostPort: 7080 }]);
  expect(hostsFile('m1', doors)).toBe('127.0.0.1 localhost\n127.0.1.1 m1\n');
  expect(rules(doors)).toContain('ip daddr 198.18.1.1 tcp dport 80 accept');
});

describe('what was tried in vain', () => {
  const counted = (val: unknown, packets: number): object => ({ elem: { val, counter: { packets, bytes: 60 * packets } } });
  const listed = (sets: readonly object[]): string =>
    JSON.stringify({ nftables: [{ metainfo: {} }, { table: {} }, ...sets.map((set) => ({ set }))] });

  test('is read as the machine sees it, most often first', () => {
    const denied = [
      counted({ concat: ['169.254.169.254', 'tcp', 80] }, 2),
      counted({ concat: ['127.0.0.1', 'tcp', 8080] }, 7),
      counted({ concat: ['10.0.2.3', 17, 53] }, 1),
      counted({ concat: ['192.0.2.9', 'udp', 7] }, 4),
    ];
    expect(
      parseDenied(
        listed([
          { name: 'denied', elem: denied },
          { name: 'pinged', elem: [counted('192.0.2.1', 3)] },
        ]),
      ),
    ).toEqual([
      { protocol: 'tcp', address: '10.0.2.2', port: 8080, count: 7 },
      { protocol: 'icmp', address: '192.0.2.9', port: null, count: 4 },
      { protocol: 'icmp', address: '192.0.2.1', port: null, count: 3 },
      { protocol: 'tcp', address: '169.254.169.254', port: 80, count: 2 },
      { protocol: 'udp', address: '10.0.2.3', port: 53, count: 1 },
    ]);
  });

  test('is nothing where nothing was tried', () => {
    expect(parseDenied(listed([{ name: 'denied' }, { name: 'pinged' }]))).toEqual([]);
  });

  test.each(['', 'no such table', '[]', '{"nftables": 1}'])('%j is no list', (text) => {
    expect(() => parseDenied(text)).toThrow(expect.objectContaining({ code: 'rejected' }));
  });
});

describe('the configuration', () => {
  test('is this computer unless it says otherwise', () => {
    expect(QemuConfig.parse({})).toMatchObject({ hosts: [{ name: 'here', machines: 4, accelerator: 'auto' }], lostSeconds: 60, waits: 'running' });
  });

  test.each([
    [{ hosts: [] }, ['hosts']],
    [{ hosts: [{ name: 'a' }, { name: 'a' }] }, ['hosts', 1, 'name']],
    [{ hosts: [{ name: '../a' }] }, ['hosts', 0, 'name']],
    [{ hosts: [{ name: 'a', ssh: { host: 'h', user: 'u', privateKeyFile: '/k', hostKey: 'trust me' } }] }, ['hosts', 0, 'ssh', 'hostKey']],
    [{ images: 'relative' }, ['images']],
    [{ resources: { cpus: 0 } }, ['resources', 'cpus']],
  ])('refuses %j', (config, path) => {
    expect(QemuConfig.safeParse(config).error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});
