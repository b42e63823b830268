import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#plugins/api/testing';
import { testImage, vmImageMissing } from '../../test/support/vm-image.ts';
import type { QemuRunner } from './driver.ts';
import { type QemuPlace, qemuMissing, qemuPlace } from './testing/qemu-subject.ts';
import { type SshHello, sshHello } from './testing/ssh-hello.ts';

const missing = qemuMissing() ?? vmImageMissing();
const never = new AbortController().signal;
const PATIENCE = { timeout: 240_000 };

/** What two machines of one snapshot would have in common if nobody gave each its own. */
const OWN = 'head -c 16 /dev/urandom | od -An -tx1; sudo tail -n 3 /etc/terrarium/host_key; cat ~/.ssh/authorized_keys; hostname';

describe.skipIf(missing !== null)('clones of one memory snapshot', () => {
  let place: QemuPlace;
  let image: string;

  async function said(driver: QemuRunner, id: string, script: string): Promise<string> {
    const session = await driver.connect(id, never);
    try {
      const { exitCode, output } = await run(session, ['sh', '-c', script]);
      expect(exitCode).toBe(0);
      return output;
    } finally {
      await session.dispose();
    }
  }

  beforeAll(async () => {
    const { imagesFolder, name } = await testImage();
    image = name;
    place = qemuPlace(imagesFolder);
  });
  afterEach(async () => {
    const driver = await place.driver();
    for (const id of await driver.list(never)) await driver.destroy(id, never);
  });
  afterAll(() => place?.close());

  test('have a random pool, keys and a name of their own, and the right time', PATIENCE, async () => {
    const driver = await place.driver();
    const answers = [];
    for (const id of ['one', 'two']) {
      await driver.create({ id, image }, never);
      const began = Math.floor(Date.now() / 1000);
      const now = Number(await said(driver, id, 'date +%s'));
      expect(now).toBeGreaterThanOrEqual(began - 1);
      expect(now).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 1);
      answers.push(await said(driver, id, OWN));
    }
    const [first = [], second = []] = answers.map((answer) => answer.split('\n').filter((line) => line !== ''));
    expect(first).toHaveLength(second.length);
    // The frame of a key file and the padding at its end are no secrets.
    const shared = first.filter((line) => second.includes(line) && !line.startsWith('-----') && line.length > 12);
    expect(shared).toEqual([]);
    for (const id of ['one', 'two']) await driver.destroy(id, never);
    expect(place.leftovers()).toEqual([]);
  });

  test('have SSH servers that were started before they were clones, and make random numbers of their own', PATIENCE, async () => {
    const driver = await place.driver();
    const hellos: SshHello[] = [];
    for (const id of ['one', 'two']) {
      await driver.create({ id, image }, never);
      hellos.push(await sshHello(place.socketOf(id)), await sshHello(place.socketOf(id)));
    }
    const unlike = (pick: (hello: SshHello) => Buffer): number => new Set(hellos.map((hello) => pick(hello).toString('hex'))).size;
    expect(unlike(({ cookie }) => cookie)).toBe(4);
    expect(unlike(({ ephemeralKey }) => ephemeralKey)).toBe(4);
    // Those of one machine show the same key, and no other does.
    expect(unlike(({ hostKey }) => hostKey)).toBe(2);
    for (const id of ['one', 'two']) await driver.destroy(id, never);
    expect(place.leftovers()).toEqual([]);
  });

  test('that waited paused are woken, and told the time', PATIENCE, async () => {
    const driver = await place.driver({ waits: 'paused' });
    await driver.create({ id: 'sleeper', image }, never);
    const began = Math.floor(Date.now() / 1000);
    expect(Number(await said(driver, 'sleeper', 'date +%s'))).toBeGreaterThanOrEqual(began - 1);
    expect(await said(driver, 'sleeper', 'echo again')).toBe('again\n');
    await driver.destroy('sleeper', never);
    expect(place.leftovers()).toEqual([]);
  });

  test('are not made of a snapshot that somebody has written to', PATIENCE, async () => {
    const driver = await place.driver();
    await driver.create({ id: 'before', image }, never);
    await driver.destroy('before', never);
    for (const folder of readdirSync(place.folder, { recursive: true, encoding: 'utf8' })) {
      if (folder.endsWith('/memory')) utimesSync(join(place.folder, folder), new Date(), new Date());
    }
    await expect(driver.create({ id: 'after', image }, never)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('made anew'),
    });
    await driver.create({ id: 'after', image }, never);
    expect(await said(driver, 'after', 'echo well')).toBe('well\n');
    await driver.destroy('after', never);
    expect(place.leftovers()).toEqual([]);
  });
});
