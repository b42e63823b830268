import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testImage, vmImageMissing } from '../../test/support/vm-image.ts';
import { processesOf, qemuMissing, qemuPlace } from './testing/qemu-subject.ts';

const missing = qemuMissing() ?? vmImageMissing();
const never = new AbortController().signal;

test.skipIf(missing !== null)('a machine that nobody can get into any more is lost, though its QEMU runs', { timeout: 600_000 }, async () => {
  const { imagesFolder, name } = await testImage();
  const place = qemuPlace(imagesFolder);
  try {
    const driver = await place.driver();
    await driver.create({ id: 'waylaid', image: name }, never);
    expect(await driver.isLost('waylaid', never)).toBe(false);
    const ways = processesOf(':waylaid').filter((pid) => commandOf(pid).startsWith('socat UNIX-LISTEN:/m/ssh,'));
    expect(ways).not.toEqual([]);
    for (const pid of ways) process.kill(Number(pid), 'SIGKILL');
    expect(await driver.isLost('waylaid', never)).toBe(true);
    expect(processesOf(':waylaid').some((pid) => commandOf(pid).startsWith('qemu-system'))).toBe(true);
    await driver.destroy('waylaid', never);
    expect(place.leftovers()).toEqual([]);
  } finally {
    await place.close();
  }
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended since it was found.
    return '';
  }
}
