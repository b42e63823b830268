import { expect, test } from 'vitest';
import { gatesOf, hostsFile, rules } from './network.ts';

test('a name has one address of its own, whatever its ports; an address stays what it is', () => {
  const gates = gatesOf(['Mirror.example.org:443', '192.0.2.7:80', 'mirror.example.org:80', 'git.example.org:443', 'git.example.org:443']);
  expect(gates).toEqual([
    { address: '198.18.0.1', host: 'mirror.example.org', port: 443 },
    { address: '192.0.2.7', host: '192.0.2.7', port: 80 },
    { address: '198.18.0.1', host: 'mirror.example.org', port: 80 },
    { address: '198.18.0.2', host: 'git.example.org', port: 443 },
  ]);
  expect(hostsFile('m1', gates)).toBe('127.0.0.1 localhost\n127.0.1.1 m1\n198.18.0.1 mirror.example.org\n198.18.0.2 git.example.org\n');
  expect(rules(gates)).toContain('ip daddr 192.0.2.7 tcp dport 80 accept');
});

test('without destinations only SSH is let through', () => {
  expect(rules([]).match(/^.*dport.* accept$/gm)).toEqual(['    ip daddr 127.0.0.1 tcp dport 2222 accept']);
});
