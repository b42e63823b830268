import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type FakeContext, describeRunnerDriver, fakeContext } from '#plugins/api/testing';
import { SOURCES, handSources } from '#plugins/kit/windows/hand';
import { wineMissing } from '../../test/support/wine/root.ts';
import { startWindows } from '../../test/support/wine/windows.ts';
import { SshRunnerConfig } from './config.ts';
import { SshRunner } from './driver.ts';

const missing = wineMissing();
const PYTHON = String.raw`C:\Python311\python.exe`;

describe.skipIf(missing !== null)(`runner-ssh with Windows hosts${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const setup = async () => {
    const windows = await startWindows();
    const sources = [...(await handSources()).keys()].map((name) => join(SOURCES, name));
    await windows.compile(sources, String.raw`C:\hand\hand.dll`);
    const { host, port, user, privateKeyFile, knownHostsLine } = windows.sshd;
    const folders = [String.raw`C:\hosts\one`, String.raw`C:\hosts\two`];
    const hosts = folders.map((folder, index) => {
      return { name: `host-${index}`, host, port, user, privateKeyFile, hostKey: knownHostsLine, image: 'win', system: 'windows', folder };
    });
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
      image: 'win',
      machines: hosts.length,
      later,
      teller: { argv: [PYTHON], read: (output: string): string[] => JSON.parse(output).argv.slice(1) },
      lose: async () => {
        for (const folder of folders) rmSync(windows.outside(folder), { recursive: true, force: true });
      },
      leftovers: async () => folders.flatMap((folder) => filesIn(windows.outside(folder))),
      close: async () => {
        for (const context of contexts) await context.remove();
        await windows.close();
      },
    };
  };
  describeRunnerDriver('runner-ssh', setup, 'windows');
});

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('hand-')) : [];
}
