import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageDescription } from '#plugins/api';
import { type FakeContext, type RunnerSubject, describeRunnerDriver, fakeContext, run } from '#plugins/api/testing';
import { SshConnection } from '#plugins/kit/ssh';
import { prepareHand } from '#plugins/kit/windows/hand';
import { WindowsSession } from '#plugins/kit/windows/session';
import { SshRunnerConfig } from '../../plugins/runner-ssh/config.ts';
import { SshRunner } from '../../plugins/runner-ssh/driver.ts';
import { targetOf } from '../../plugins/runner-ssh/target.ts';
import { machineToTest } from './machine.ts';

const { folder, ...way } = machineToTest();
/** Two hosts of runner-ssh on one computer: each has a folder of its own. */
const FOLDERS = [`${folder}\\one`, `${folder}\\two`];
const config = SshRunnerConfig.parse({
  hosts: [folder, ...FOLDERS].map((place, index) => ({
    ...way,
    name: `host-${index}`,
    folder: place,
    image: index === 0 ? 'visited' : 'win',
    system: 'windows',
  })),
});
const contexts: FakeContext<SshRunnerConfig>[] = [];

async function newDriver(): Promise<SshRunner> {
  const context = await fakeContext(config);
  contexts.push(context);
  const driver = new SshRunner(context);
  await driver.init();
  return driver;
}

/** A session in a folder that no machine has. */
async function visit(place: string): Promise<WindowsSession> {
  const [host] = config.hosts;
  if (host === undefined) throw new Error('there is no host');
  const connection = await SshConnection.open(await targetOf(host), never());
  return await WindowsSession.open(
    connection,
    { folder: place, machine: null, hand: (files) => prepareHand(connection, files, folder, never()) },
    never(),
  );
}

async function namesIn(place: string): Promise<string[]> {
  const session = await visit(place);
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
