import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeContext, collect, fakeContext, run } from '#plugins/api/testing';
import { handSources, SOURCES } from '#plugins/kit/windows/hand';
import { wineMissing } from '../../test/support/wine/root.ts';
import { startWindows, type TestWindows } from '../../test/support/wine/windows.ts';
import { SshRunnerConfig } from './config.ts';
import { SshRunner } from './driver.ts';

const missing = wineMissing();
const BASE = String.raw`C:\machines`;

describe.skipIf(missing !== null)(`runner-ssh with a Windows host${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let windows: TestWindows;
  let driver: SshRunner;
  const contexts: FakeContext<SshRunnerConfig>[] = [];

  beforeAll(async () => {
    windows = await startWindows();
    const sources = [...(await handSources()).keys()].map((name) => join(SOURCES, name));
    await windows.compile(sources, String.raw`C:\hand\hand.dll`);
    driver = await later();
  }, 300_000);
  afterAll(async () => {
    for (const context of contexts) await context.remove();
    await windows?.close();
  });

  async function later(): Promise<SshRunner> {
    const { host, port, user, privateKeyFile, knownHostsLine } = windows.sshd;
    const only = { name: 'one', host, port, user, privateKeyFile, hostKey: knownHostsLine, image: 'win', system: 'windows', folder: BASE };
    const context = await fakeContext(SshRunnerConfig.parse({ hosts: [{ ...only, reset: ['cmd.exe', '/d', '/c', 'echo reset>>reset.txt'] }] }));
    contexts.push(context);
    const made = new SshRunner(context);
    await made.init();
    return made;
  }

  async function tasks(): Promise<string> {
    return (await windows.run(['tasklist.exe'])).output.toString().toLowerCase();
  }

  test('describes the host by what its registry and its interpreters say', async () => {
    const python = String.raw`HKLM\SOFTWARE\Python\PythonCore\3.11\InstallPath`;
    const add = (...words: string[]) => windows.run(['reg.exe', 'add', ...words, '/f']);
    await add(python, '/ve', '/d', 'C:\\Python311\\');
    await add(String.raw`HKCU\SOFTWARE\Python\PythonCore\2.7\InstallPath`, '/ve', '/d', 'C:\\not there\\');
    await add(String.raw`HKLM\SOFTWARE\Microsoft\VisualStudio\SxS\VS7`, '/v', '14.0', '/d', 'C:\\VS14\\');
    await add(String.raw`HKLM\SOFTWARE\Microsoft\VisualStudio\SxS\VS7`, '/v', '12.0', '/d', 'C:\\VS12\\');
    await mkdir(windows.outside(String.raw`C:\VS14\VC`), { recursive: true });
    await writeFile(windows.outside(String.raw`C:\VS14\VC\vcvarsall.bat`), '');
    await writeFile(windows.outside(String.raw`C:\Python311\answer`), 'CPython\t3.11.9\t\t64');
    const [image] = await driver.describe(never());
    expect(image).toMatchObject({
      image: 'win',
      system: 'windows',
      architecture: 'x86_64',
      systemVersion: expect.stringMatching(/^(Microsoft )?Windows .*10\.0\.\d+/),
      isolation: 'none',
      interpreters: [{ name: '3.11', version: '3.11.9', path: String.raw`C:\Python311\python.exe` }],
      toolchains: [{ name: 'msvc', version: '14.0', product: 'Visual Studio 2015', path: String.raw`C:\VS14` }],
    });
  });

  test('makes a machine, finds it again, and ends it with all that it has left', async () => {
    await driver.create({ id: 'one', image: 'win' }, never());
    expect(await driver.list(never())).toEqual(['one']);
    await expect(driver.create({ id: 'two', image: 'win' }, never())).rejects.toMatchObject({ code: 'exhausted' });
    const session = await driver.connect('one', never());
    expect(session).toMatchObject({ system: 'windows', folder: expect.stringMatching(/^C:\\machines\\m[0-9a-f]{20}$/) });
    await session.upload([{ path: 'behind.cmd', content: Buffer.from('start /b ping.exe -n 600 127.0.0.1 >nul\r\n'), mode: 0o600 }], never());
    expect((await run(session, ['cmd.exe', '/d', '/c', 'behind.cmd'])).exitCode).toBe(0);
    await session.dispose();
    expect(await tasks()).toContain('ping.exe');

    const other = await later();
    await other.create({ id: 'one', image: 'win' }, never());
    const again = await other.connect('one', never());
    expect(Buffer.from(await collect(again.download('behind.cmd', never()))).toString()).toContain('ping');
    await awkward(windows.outside(again.folder));
    await again.dispose();
    await other.destroy('one', never());
    await other.destroy('one', never());
    expect(await other.list(never())).toEqual([]);
    expect(await tasks()).not.toContain('ping.exe');
    expect(await tasks()).not.toContain('hand.exe');
    expect(await readdir(windows.outside(BASE))).toEqual(['.terrarium', expect.stringMatching(/^hand-/), 'reset.txt']);
    await expect(driver.connect('one', never())).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('is one machine at a time, whoever is quicker', async () => {
    const drivers = [await later(), await later()];
    const made = await Promise.allSettled(drivers.map((one, index) => one.create({ id: `race-${index}`, image: 'win' }, never())));
    expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const index of [0, 1]) await driver.destroy(`race-${index}`, never());
    expect(existsSync(windows.outside(`${BASE}\\owner`))).toBe(false);
  });
});

/** What is hard to remove: a path longer than Windows usually takes, and a file that may not be written. */
async function awkward(folder: string): Promise<void> {
  const deep = join(folder, ...Array.from({ length: 12 }, () => 'a-folder-with-a-long-name'));
  await mkdir(deep, { recursive: true });
  await writeFile(join(deep, 'file'), '', { mode: 0o400 });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
