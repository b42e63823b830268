import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FakeContext, fakeContext, run } from '#plugins/api/testing';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { testImage } from '../../test/support/vm-image.ts';
import { LibvirtConfig } from './config.ts';
import { LibvirtRunner } from './driver.ts';
import { MachineRecord } from './records.ts';
import { type TestHost, machinesMissing, startHost } from './test-support.ts';

const missing = machinesMissing() ?? sshdMissing();
const never = new AbortController().signal;

vi.setConfig({ testTimeout: 200_000, hookTimeout: 400_000 });

/** One libvirt on this computer and one behind a real SSH server, each with room for one machine. The tests go on from each other. */
describe.skipIf(missing !== null)(`runner-libvirt on two hosts${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let here: TestHost;
  let there: TestHost;
  let sshd: TestSshd;
  let context: FakeContext<LibvirtConfig>;
  let driver: LibvirtRunner;
  let image: string;

  beforeAll(async () => {
    const { imagesFolder, name } = await testImage();
    image = name;
    [here, there, sshd] = await Promise.all([startHost(), startHost(), startSshd()]);
    const ssh = { host: sshd.host, port: sshd.port, user: sshd.user, privateKeyFile: sshd.privateKeyFile, hostKey: sshd.fingerprint };
    const hosts = [
      { name: 'here', uri: here.libvirt.uri, folder: here.folder, machines: 1, accelerator: 'tcg' },
      { name: 'there', uri: there.libvirt.uri, folder: there.folder, machines: 1, accelerator: 'tcg', ssh },
    ];
    context = await fakeContext(LibvirtConfig.parse({ hosts, images: imagesFolder, resources: { memoryMegabytes: 384 }, lostSeconds: 0.001 }));
    driver = new LibvirtRunner(context);
    await driver.init(never);
  });

  afterAll(async () => {
    await driver?.close();
    await Promise.all([here?.close(), there?.close(), sshd?.close()]);
    await context?.remove();
  });

  /** What a clone must not share with its template: name, random bytes, host key (as pinned: it was connected to), user's key. */
  async function own(id: string): Promise<string[]> {
    const said = await inside(id, 'hostname; head -c 16 /dev/urandom | od -An -tx1');
    const { hostKey, privateKey } = MachineRecord.parse(JSON.parse(readFileSync(join(context.folder, 'machines', `${id}.json`), 'utf8')));
    return [...said.trim().split('\n'), hostKey, privateKey];
  }

  async function inside(id: string, script: string): Promise<string> {
    const session = await driver.connect(id, never);
    const { output } = await run(session, ['bash', '-c', script]);
    await session.dispose();
    return output;
  }

  test('places machines where there is room, and refuses one more', async () => {
    const origins = await Promise.all(['one', 'two'].map((id) => driver.create({ id, image }, never)));
    expect(new Set(origins.map(({ host }) => host))).toEqual(new Set(['here', 'there']));
    await expect(driver.create({ id: 'three', image }, never)).rejects.toMatchObject({ code: 'exhausted' });
    expect(new Set(await driver.list(never))).toEqual(new Set(['one', 'two']));
    expect(await driver.hosts(never)).toMatchObject([
      { name: 'here', state: 'up', machines: 1, limit: 1, accelerator: 'tcg' },
      { name: 'there', state: 'up', machines: 1, limit: 1, accelerator: 'tcg' },
    ]);
  });

  test('what machines are made of does not belong to their QEMU', () => {
    for (const { folder } of [here, there]) {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const shared = files.filter((path) => /^[0-9a-f]+\/(images|templates)\/.*\.qcow2$/.test(path));
      expect(shared).toHaveLength(2);
      for (const path of shared) expect(statSync(join(folder, path))).toMatchObject({ uid: 0, gid: 0 });
    }
  });

  test('a machine reaches nothing, not even its host', async () => {
    const reach = (address: string): string => `timeout 4 bash -c '</dev/tcp/${address}/${sshd.port}' 2>/dev/null && echo reached ${address}`;
    expect(await inside('one', `${['10.0.2.2', '127.0.0.1', '10.0.2.3', '169.254.169.254'].map(reach).join('; ')}; echo over`)).toBe('over\n');
  });

  test('a host that is away keeps its machines, gets no new ones and counts as drained', async () => {
    const away = (await driver.list(never)).find((id) => there.libvirt.virsh('list', '--name').includes(`-${id}\n`)) ?? '';
    const near = away === 'one' ? 'two' : 'one';
    const before = await own(near);
    await sshd.stop();
    sshd.cut();
    await driver.destroy(near, never);
    await expect(driver.check(never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await driver.list(never)).toEqual([away]);
    expect(await driver.isLost(away, never)).toBe(true);
    const [, host] = await driver.hosts(never);
    expect(host).toMatchObject({ name: 'there', state: 'drained', machines: 1 });
    expect(host?.problem).toContain('cannot be reached');
    await expect(driver.destroy(away, never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await driver.create({ id: 'four', image }, never)).toMatchObject({ host: 'here' });
    const after = await own('four');
    expect(after).toHaveLength(4);
    for (const line of after) expect(before).not.toContain(line);
    await sshd.start();
    await driver.check(never);
    expect(await driver.isLost(away, never)).toBe(false);
    expect(await inside(away, 'hostname')).toBe(`${away}\n`);
    await driver.destroy(away, never);
    expect(there.leftovers()).toEqual([]);
  });

  test('a host that crashes has lost its machines; what they left goes when it is back', async () => {
    await here.libvirt.kill();
    await expect(driver.check(never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await driver.list(never)).toEqual(['four']);
    await here.libvirt.start();
    await driver.check(never);
    expect(await driver.list(never)).toEqual(['four']);
    expect(await driver.isLost('four', never)).toBe(true);
    await driver.destroy('four', never);
    expect(await driver.list(never)).toEqual([]);
    expect(here.leftovers()).toEqual([]);
  });

  test('a machine has what its pool says', async () => {
    const resources = { cpus: 2, memoryMegabytes: 600, diskGigabytes: 12 };
    await driver.create({ id: 'large', image, resources }, never);
    const [cpus, memory, disk] = (await inside('large', `nproc; sed -n 's/^MemTotal: *//p' /proc/meminfo; lsblk -bdno SIZE /dev/vda`)).split('\n');
    expect(cpus).toBe('2');
    expect(Number.parseInt(memory ?? '', 10) / 1024).toBeGreaterThan(480);
    expect(Number.parseInt(memory ?? '', 10) / 1024).toBeLessThan(600);
    expect(Number(disk)).toBe(12 * 1024 ** 3);
    await driver.destroy('large', never);
  });

  test('what others have in the same libvirt is not touched, whatever its name', async () => {
    const [mark = ''] = readdirSync(here.folder);
    here.define('theirs');
    here.define(`terrarium-${mark}-five`);
    expect(await driver.list(never)).not.toContain('theirs');
    await expect(driver.destroy('five', never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(here.libvirt.guests()).toHaveLength(2);
    for (const name of ['theirs', `terrarium-${mark}-five`]) here.libvirt.virsh('destroy', name);
    await driver.destroy('five', never);
    expect([...here.leftovers(), ...there.leftovers()]).toEqual([]);
  });
});
