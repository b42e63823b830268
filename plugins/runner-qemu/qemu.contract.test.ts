import { describe } from 'vitest';
import { describeRunnerDriver } from '#plugins/api/testing';
import { sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { testImage, vmImageMissing } from '../../test/support/vm-image.ts';
import { qemuMissing, qemuPlace, qemuSubject } from './testing/qemu-subject.ts';

const missing = qemuMissing() ?? vmImageMissing();
const SECONDS = 240;

describe.skipIf(missing !== null)(`runner-qemu${missing === null ? '' : ` (skipped: ${missing})`}`, { timeout: SECONDS * 1000 }, () => {
  describeRunnerDriver('runner-qemu on this computer', async () => {
    const { imagesFolder, name } = await testImage();
    return await qemuSubject(qemuPlace(imagesFolder), name, 2);
  });

  describe.skipIf(sshdMissing() !== null)('another host', () => {
    describeRunnerDriver('runner-qemu on a host reached by SSH', async () => {
      const { imagesFolder, name } = await testImage();
      const sshd = await startSshd();
      const ssh = { host: sshd.host, port: sshd.port, user: sshd.user, privateKeyFile: sshd.privateKeyFile, hostKey: sshd.knownHostsLine };
      const subject = await qemuSubject(qemuPlace(imagesFolder, [{ name: 'there', machines: 2, ssh }]), name, 2);
      return {
        ...subject,
        close: async () => {
          await subject.close();
          await sshd.close();
        },
      };
    });
  });
});
