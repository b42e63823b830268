import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeContext, fakeContext } from '#plugins/api/testing';
import { FlexnetConfig } from './config.ts';
import { FlexnetLicenses } from './flexnet-licenses.ts';
import { FlexnetServer } from './testing/flexnet-server.ts';

const PATIENCE = AbortSignal.timeout(600_000);
const HOUR = 3_600_000;
const OURS = { users: ['ci'], hosts: ['worker*.example.com', 'win-??'] };

let files: FakeContext<null>;
let server: FlexnetServer;
let contexts: FakeContext<FlexnetConfig>[];

beforeEach(async () => {
  files = await fakeContext(null);
  server = await FlexnetServer.open(files.folder, 10);
  contexts = [];
});

afterEach(async () => {
  for (const context of contexts) await context.remove();
  await files.remove();
});

async function licenses(config: Record<string, unknown> = {}): Promise<FlexnetLicenses> {
  const context = await fakeContext(FlexnetConfig.parse({ program: server.program, server: server.server, ours: OURS, ...config }));
  contexts.push(context);
  return new FlexnetLicenses(context);
}

/** A program instead of lmutil. */
async function program(script: string): Promise<string> {
  const file = join(files.folder, 'program');
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test('whose a use is, its user and its host say together', async () => {
  await server.take({ user: 'ci', host: 'worker1.example.com' });
  await server.take({ user: 'ci', host: 'WORKER22.EXAMPLE.COM' });
  await server.take({ user: 'ci', host: 'workerXexample.com' });
  await server.take({ user: 'Ci', host: 'worker1.example.com' });
  await server.take({ user: 'ci', host: 'win-1' });
  await server.take({ user: 'ci', host: 'worker1.example.com', display: 'a b' });
  const { uses } = await (await licenses()).count('solver', PATIENCE);
  expect(uses.map(({ isOurs }) => isOurs)).toEqual([true, true, false, false, false, false]);
  const onlyUsers = await (await licenses({ ours: { users: ['c*', 'C?'] } })).count('solver', PATIENCE);
  expect(onlyUsers.uses.map(({ isOurs }) => isOurs)).toEqual([true, true, true, false, true, false]);
});

test('reserved seats are outside, who waits has none', async () => {
  await server.reserve({ kind: 'HOST', name: 'worker1.example.com', seats: 2 });
  await server.take({ user: 'ci', host: 'worker1.example.com', queued: true });
  const { seats, uses } = await (await licenses()).count('solver', PATIENCE);
  expect([seats, uses]).toMatchObject([10, [{ isOurs: false, seats: 2, handle: null }]]);
});

describe('a use that is left', () => {
  const mine = { user: 'ci', host: 'worker1.example.com' };

  test('is removed by its handle', async () => {
    const handle = await server.take({ ...mine, since: new Date(Date.now() - HOUR).toISOString() });
    await server.take(mine);
    const backend = await licenses();
    const [use] = (await backend.count('solver', PATIENCE)).uses;
    if (use === undefined) throw new Error('there are two');
    await backend.remove?.('solver', use, PATIENCE);
    expect(await server.removed()).toEqual([`solver ${handle}`]);
    expect(await server.uses()).toHaveLength(1);
  });

  test('stays if its handle is somebody else by now', async () => {
    const handle = await server.take({ ...mine, since: new Date(Date.now() - HOUR).toISOString() });
    const backend = await licenses();
    const [use] = (await backend.count('solver', PATIENCE)).uses;
    if (use === undefined) throw new Error('there is one');
    await server.giveBack(handle);
    await server.take({ ...mine, handle });
    await backend.remove?.('solver', use, PATIENCE);
    expect(await server.removed()).toEqual([]);
  });

  test('has no handle where it is borrowed', async () => {
    await server.take({ ...mine, suffix: '  (linger: 0 / 86400)' });
    const backend = await licenses();
    const [use] = (await backend.count('solver', PATIENCE)).uses;
    if (use === undefined) throw new Error('there is one');
    expect(use).toMatchObject({ isOurs: true, handle: null });
    await expect(backend.remove?.('solver', use, PATIENCE)).rejects.toMatchObject({ code: 'invalid' });
  });
});

test('its check says whether the server is there', async () => {
  await expect((await licenses()).check(PATIENCE)).resolves.toBeUndefined();
  await server.behave('away');
  await expect((await licenses()).check(PATIENCE)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Connection refused'),
  });
  await expect((await licenses({ program: '/nowhere/lmutil' })).check(PATIENCE)).rejects.toMatchObject({ code: 'unavailable' });
  await expect((await licenses({ program: await program('echo hello') })).check(PATIENCE)).rejects.toMatchObject({ code: 'rejected' });
});

test('lmutil is run without a shell, with its own home, its variables and the time zone UTC', async () => {
  const log = join(files.folder, 'log');
  const spy = await program(`printf '%s\\n' "$#" "$@" "$TZ" "$HOME" "$FLEXLM_TIMEOUT" > '${log}'; exec '${server.program}' "$@"`);
  await (await licenses({ program: spy, environment: { FLEXLM_TIMEOUT: '1 000', TZ: 'Asia/Tokyo' } })).count('solver', PATIENCE);
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  expect(lines).toEqual(['5', 'lmstat', '-c', server.server, '-f', 'solver', 'UTC', contexts[0]?.folder, '1 000']);
});

test.each([
  ['too much', 'exec yes', 'rejected'],
  ['nothing in time', 'exec sleep 600', 'unavailable'],
  ['nothing, as a signal ends it', 'kill -9 $$', 'unavailable'],
  ['an error on the other output', 'echo "Error getting status: no way (-15,1)" >&2; exit 3', 'unavailable'],
])('a program that says %s', async (_, script, code) => {
  const backend = await licenses({ program: await program(script), timeoutSeconds: 1 });
  await expect(backend.count('solver', PATIENCE)).rejects.toMatchObject({ code });
});

test('times of another zone are warned of once, and not told', async () => {
  await server.take({});
  const backend = await licenses({ program: await program(`TZ=Asia/Tokyo exec '${server.program}' "$@"`) });
  for (let time = 0; time < 2; time += 1) expect((await backend.count('solver', PATIENCE)).uses).toMatchObject([{ since: null }]);
  expect(contexts[0]?.lines.map(({ level }) => level)).toEqual(['warn']);
});

test.each([
  [{ program: 'lmutil' }, 'program'],
  [{ server: 'license.example.com' }, 'server'],
  [{ server: '27000@a -x' }, 'server'],
  [{ ours: {} }, 'ours'],
  [{ environment: { 'A B': '1' } }, 'environment'],
])('a configuration with %o is refused', (wrong, path) => {
  const result = FlexnetConfig.safeParse({ program: '/opt/lmutil', server: '27000@a', ours: OURS, ...wrong });
  expect(result.error?.issues[0]?.path[0]).toBe(path);
});

test.each(['27000@a', '@license.example.com', '27000@a,27001@b,27002@c:1700@d'])('the server %s is taken', (text) => {
  expect(FlexnetConfig.safeParse({ program: '/opt/lmutil', server: text, ours: OURS }).success).toBe(true);
});
