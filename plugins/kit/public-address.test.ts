import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isPublicAddress, permittedAddresses } from './public-address.ts';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.0', '100.63.255.255', '223.255.255.255', '2001:4860:4860::8888', '2a00:1450:4001::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ['this computer', ['127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '::', '0.1.2.3']],
    ['private networks', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12:3456::1']],
    ['link-local, and the metadata services of clouds', ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254']],
    ['IPv6 forms of IPv4', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::']],
    ['multicast and reserved', ['224.0.0.1', '239.1.1.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '192.0.2.1', '198.18.0.1', '2001:db8::1']],
    ['no addresses', ['', 'localhost', '8.8.8', '0x7f.1', '2130706433', '8.8.8.8 ', '[::1]']],
  ])('%s are not', (_title, addresses) => {
    for (const address of addresses) expect(isPublicAddress(address), address).toBe(false);
  });
});

describe('permittedAddresses', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '10.1.2.3', '169.254.169.254'])('refuses %s, unless private ones are allowed', async (host) => {
    await expect(permittedAddresses(host, false)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(host) });
    expect((await permittedAddresses(host, true)).length).toBeGreaterThan(0);
  });

  it('gives a public address as it is', async () => {
    expect(await permittedAddresses('8.8.8.8', false)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await permittedAddresses('[2a00:1450:4001::1]', false)).toEqual([{ address: '2a00:1450:4001::1', family: 6 }]);
  });

  it('refuses every address that this computer has', async () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => entries?.map(({ address }) => address) ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const address of own) await expect(permittedAddresses(address, false), address).rejects.toMatchObject({ code: 'invalid' });
  });

  it('refuses a public address, if it is this computer that has it', async () => {
    await expect(permittedAddresses('8.8.8.8', false, new Set(['8.8.8.8']))).rejects.toMatchObject({ code: 'invalid' });
    expect(await permittedAddresses('8.8.4.4', false, new Set(['8.8.8.8']))).toHaveLength(1);
    expect(await permittedAddresses('8.8.8.8', true, new Set(['8.8.8.8']))).toHaveLength(1);
  });

  it('says unavailable for a name that nobody has', async () => {
    await expect(permittedAddresses('no-such-host.invalid', true)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
