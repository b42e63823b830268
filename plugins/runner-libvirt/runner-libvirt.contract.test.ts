import { describe, vi } from 'vitest';
import { describeRunnerDriver, fakeContext } from '#plugins/api/testing';
import { testImage } from '../../test/support/vm-image.ts';
import { LibvirtConfig } from './config.ts';
import { LibvirtRunner } from './driver.ts';
import { machinesMissing, startHost } from './test-support.ts';

const missing = machinesMissing();

// Guests are translated here; the image may have to be built first, and its first machine boots it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 400_000 });

describe.skipIf(missing !== null)(`runner-libvirt${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  describeRunnerDriver('runner-libvirt', async () => {
    const { imagesFolder, name } = await testImage();
    const there = await startHost();
    const host = { name: 'here', uri: there.libvirt.uri, machines: 3, folder: there.folder, accelerator: 'tcg' };
    const context = await fakeContext(LibvirtConfig.parse({ hosts: [host], images: imagesFolder, resources: { memoryMegabytes: 512 } }));
    const later = async (): Promise<LibvirtRunner> => {
      const driver = new LibvirtRunner(context);
      await driver.init(new AbortController().signal);
      return driver;
    };
    const driver = await later();
    return {
      driver,
      image: name,
      machines: host.machines,
      later,
      lose: async (id) => there.lose(id),
      leftovers: async () => there.leftovers(),
      close: async () => {
        await driver.close();
        await there.close();
        await context.remove();
      },
    };
  });
});
