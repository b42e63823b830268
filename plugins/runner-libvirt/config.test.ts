import { describe, expect, test } from 'vitest';
import { HostConfig, LibvirtConfig } from './config.ts';

const ssh = { host: 'example.org', user: 'root', privateKeyFile: '/etc/key', hostKey: `SHA256:${'a'.repeat(43)}` };

describe('the configuration', () => {
  test('is this computer where nothing is said', () => {
    const here = { name: 'here', uri: 'qemu:///system', machines: 4, folder: '/var/lib/terrarium', accelerator: 'auto' };
    const resources = { cpus: 1, memoryMegabytes: 1024, diskGigabytes: null };
    expect(LibvirtConfig.parse({})).toEqual({ hosts: [here], resources, images: null, lostSeconds: 60 });
  });

  test.each([
    ['uri', { uri: 'qemu+ssh://elsewhere/system' }],
    ['uri', { uri: 'lxc:///system' }],
    ['folder', { folder: 'relative' }],
    ['folder', { folder: '/a b' }],
    ['folder', { folder: "/a'b" }],
    ['folder', { folder: '/a/../b,c' }],
    ['machines', { machines: 0 }],
    ['name', { name: '../x' }],
    ['accelerator', { accelerator: 'xen' }],
    ['ssh', { ssh: { ...ssh, hostKey: 'trust me' } }],
    ['ssh', { ssh: { ...ssh, hostKey: undefined } }],
    ['ssh', { ssh: { ...ssh, privateKeyFile: 'key' } }],
    ['', { sssh: ssh }],
  ])('refuses at %j: %j', (path, changes) => {
    const result = HostConfig.safeParse({ name: 'one', ...changes });
    expect(result.error?.issues.map((issue) => String(issue.path[0] ?? ''))).toContain(path);
  });

  test.each(['qemu:///system', 'qemu:///session', 'qemu+unix:///system?socket=/run/other/sock'])('takes %s', (uri) => {
    expect(HostConfig.parse({ name: 'one', uri, ssh })).toMatchObject({ uri, ssh: { port: 22 } });
  });

  test('refuses a name that is used twice, and no hosts', () => {
    const hosts = [{ name: 'one' }, { name: 'one' }];
    expect(LibvirtConfig.safeParse({ hosts }).error?.issues).toMatchObject([{ path: ['hosts', 1, 'name'] }]);
    expect(LibvirtConfig.safeParse({ hosts: [] }).success).toBe(false);
  });
});
