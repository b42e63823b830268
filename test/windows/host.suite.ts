import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageDescription } from '#plugins/api';
import { type FakeContext, type RunnerSubject, describeRunnerDriver, fakeContext, run } from '#plugins/api/testing';
import type { SshRunnerConfig } from '../../plugins/runner-ssh/config.ts';
import { SshRunner } from '../../plugins/runner-ssh/driver.ts';
import { machineToTest, visitFolder } from './machine.ts';

const host = machineToTest();
/** Two hosts of runner-ssh on one computer: each has a folder of its own. */
const FOLDERS = ['one', 'two'];
const config = {
  hosts: FOLDERS.map((name) => ({ ...host, name, folder: `${host.folder}\\${name}`, image: 'win' })),
};
const contexts: FakeContext<SshRunnerConfig>[] = [];

async function newDriver(): Promise<SshRunner> {
  const context = await fakeContext<SshRunnerConfig>(config);
  contexts.push(context);
  const driver = new SshRunner(context);
  await driver.init();
  return driver;
}

/** What a host's folder holds beside what stays there. */
async function namesIn(folder: string): Promise<string[]> {
  const session = await visitFolder(folder);
  const { output } = await run(session, ['cmd.exe', '/d', '/c', 'dir /b /a']);
  await session.dispose();
  return output.split('\r\n').filter((name) => name !== '' && name !== '.terrarium' && !name.startsWith('hand-'));
}

describe('the machine', () => {
  let image: ImageDescription | undefined;
  beforeAll(async () => {
    image = (await (await newDriver()).describe(never())).find((one) => one.image === 'win');
  });

  test('says which Windows it is, and what it has', () => {
    expect(image).toMatchObject({ system: 'windows', systemVersion: expect.stringContaining('Windows') });
    const lines = [
      `${image?.systemVersion}, ${image?.architecture}`,
      ...(image?.interpreters ?? []).map(({ name, version, path }) => `Python ${name} (${version}): ${path}`),
      ...(image?.toolchains ?? []).map(({ product, version, path }) => `${product} (${version}): ${path}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
});

describeRunnerDriver('runner-ssh', setup, 'windows');

async function setup(): Promise<RunnerSubject> {
  const driver = await newDriver();
  const python = (await driver.describe(never())).flatMap(({ interpreters }) => interpreters).find(({ name }) => /^3\.\d+/.test(name));
  const program = 'import json, sys; print(json.dumps(sys.argv[1:]))';
  const teller = python && { argv: [python.path, '-c', program], read: (output: string): string[] => JSON.parse(output) };
  return {
    driver,
    image: 'win',
    machines: FOLDERS.length,
    later: newDriver,
    ...(teller === undefined ? {} : { teller }),
    lose: async (id) => (await newDriver()).destroy(id, never()),
    leftovers: async () => (await Promise.all(FOLDERS.map(namesIn))).flat(),
    close: () => Promise.resolve(),
  };
}

afterAll(async () => {
  for (const context of contexts) await context.remove();
});

function never(): AbortSignal {
  return new AbortController().signal;
}
