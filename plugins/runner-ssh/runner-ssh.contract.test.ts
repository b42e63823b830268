import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type FakeContext, describeRunnerDriver, fakeContext } from '#plugins/api/testing';
import { sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { SshRunnerConfig } from './config.ts';
import { SshRunner } from './driver.ts';

const missing = sshdMissing();

describe.skipIf(missing !== null)(`runner-ssh${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  describeRunnerDriver('runner-ssh', async () => {
    const sshd = await startSshd();
    const folder = mkdtempSync(join(tmpdir(), 'terrarium-hosts-'));
    const names = ['one', 'two'];
    const hosts = names.map((name) => ({
      name,
      host: sshd.host,
      port: sshd.port,
      user: sshd.user,
      privateKeyFile: sshd.privateKeyFile,
      hostKey: sshd.knownHostsLine,
      image: 'bare',
      folder: join(folder, name),
      reset: ['true'],
    }));
    const contexts: FakeContext<SshRunnerConfig>[] = [];
    // Every driver has a store of its own: what it must know of earlier ones is on the hosts.
    const later = async (): Promise<SshRunner> => {
      const context = await fakeContext(SshRunnerConfig.parse({ hosts }));
      contexts.push(context);
      const driver = new SshRunner(context);
      await driver.init();
      return driver;
    };
    return {
      driver: await later(),
      image: 'bare',
      machines: names.length,
      later,
      lose: async () => {
        for (const name of names) rmSync(join(folder, name), { recursive: true, force: true });
      },
      leftovers: async () => [...names.flatMap((name) => filesIn(join(folder, name))), ...marked()],
      close: async () => {
        await sshd.close();
        for (const context of contexts) await context.remove();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });
});

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Processes of machines of an installation named `test`. */
function marked(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes('TERRARIUM_MACHINE=terrarium:test:contract');
    } catch {
      // Gone since the folder was read.
      return false;
    }
  });
}
