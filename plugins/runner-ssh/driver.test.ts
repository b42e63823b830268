import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '#plugins/api';
import { type FakeContext, collect, fakeContext, hasText, run, text } from '#plugins/api/testing';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { SshRunnerConfig } from './config.ts';
import { SshRunner } from './driver.ts';

const missing = sshdMissing();
const never = new AbortController().signal;

describe.skipIf(missing !== null)(`hosts over ssh${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let sshd: TestSshd;
  let folder: string;
  const contexts: FakeContext<SshRunnerConfig>[] = [];

  function host(changes: object = {}): object {
    const way = { host: sshd.host, port: sshd.port, user: sshd.user, privateKeyFile: sshd.privateKeyFile, hostKey: sshd.knownHostsLine };
    return { name: 'one', image: 'bare', folder: join(folder, 'base'), ...way, ...changes };
  }

  async function context(...hosts: object[]): Promise<FakeContext<SshRunnerConfig>> {
    const made = await fakeContext(SshRunnerConfig.parse({ hosts }));
    contexts.push(made);
    return made;
  }

  async function start(made: FakeContext<SshRunnerConfig>, changes: Partial<FakeContext<SshRunnerConfig>> = {}): Promise<SshRunner> {
    const driver = new SshRunner({ ...made, ...changes });
    await driver.init();
    return driver;
  }

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-host-'));
  });
  afterEach(async () => {
    for (const made of contexts.splice(0)) await made.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a host whose reset fails is not used again; the reason is shown; the reset is tried again', async () => {
    const broken = join(folder, 'broken');
    const driver = await start(await context(host({ reset: ['sh', '-c', 'echo "no $1 today"; test ! -e "$1"', 'sh', broken] })));
    await driver.create({ id: 'first', image: 'bare' }, never);
    const session = await driver.connect('first', never);
    writeFileSync(broken, '');
    await expect(driver.destroy('first', never)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('no ') });
    await expect(session.exec(['true'], { signal: never })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(driver.connect('first', never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await driver.list(never)).toEqual(['first']);
    for (const id of ['first', 'second']) {
      await expect(driver.create({ id, image: 'bare' }, never)).rejects.toMatchObject({
        message: expect.stringContaining('not used until it is reset'),
      });
    }
    await expect(driver.check(never)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(`no ${broken} today`) });
    const [image] = await driver.describe(never);
    expect(image?.isolationNote).toContain(`no ${broken} today`);
    const later = await start(await context(host({ reset: ['test', '!', '-e', broken] })));
    await expect(later.create({ id: 'second', image: 'bare' }, never)).rejects.toMatchObject({ code: 'unavailable' });
    rmSync(broken);
    await driver.create({ id: 'second', image: 'bare' }, never);
    await driver.check(never);
    expect(await driver.list(never)).toEqual(['second']);
    expect(await later.list(never)).toEqual(['second']);
    await session.dispose();
    await driver.destroy('second', never);
    expect(readdirSync(join(folder, 'base'))).toEqual([]);
  });

  test('a destroy that is aborted in the middle of the reset kills the reset and may be repeated', async () => {
    const started = join(folder, 'started');
    const script = 'test -e "$1" && exit 0; : >"$1"; exec sleep 4010';
    const driver = await start(await context(host({ reset: ['sh', '-c', script, 'sh', started] })));
    await driver.create({ id: 'first', image: 'bare' }, never);
    const abort = new AbortController();
    const destroying = driver.destroy('first', abort.signal);
    const refused = expect(destroying).rejects.toThrow('enough');
    while (!existsSync(started)) await tick();
    abort.abort(new Error('enough'));
    await refused;
    expect(commands().filter((line) => line.includes('sleep 4010'))).toEqual([]);
    expect(await driver.list(never)).toEqual(['first']);
    await driver.destroy('first', never);
    expect(await driver.list(never)).toEqual([]);
  });

  test('a reset that takes too long has failed', async () => {
    const driver = await start(await context(host({ reset: ['sleep', '4011'], resetSeconds: 0.5 })));
    await driver.create({ id: 'first', image: 'bare' }, never);
    await expect(driver.destroy('first', never)).rejects.toMatchObject({ message: expect.stringContaining('within 0.5 seconds') });
    expect(commands().filter((line) => line.includes('sleep 4011'))).toEqual([]);
  });

  test('a snapshot restored from here puts a host right that its job made unreachable', async () => {
    const restored = join(folder, 'restored');
    const reset = ['/bin/sh', '-c', 'rm -rf -- "$1" && env >"$2"', 'sh', join(folder, 'base'), restored];
    const driver = await start(await context(host({ reset, resetOn: 'server', isolation: 'vm' })));
    await driver.create({ id: 'first', image: 'bare' }, never);
    await sshd.stop();
    const destroying = driver.destroy('first', never);
    while (!existsSync(restored)) await tick();
    await sshd.start();
    await destroying;
    expect(await driver.list(never)).toEqual([]);
    expect(readFileSync(restored, 'utf8')).not.toContain('HOME=');
    const [image] = await driver.describe(never);
    expect(image).toMatchObject({ isolation: 'vm', system: 'linux' });
  });

  test('a reset here that fails, or cannot start, says why', async () => {
    for (const [reset, why] of [
      [['/bin/sh', '-c', 'echo sorry >&2; exit 4'], 'sorry'],
      [['/no/such/program'], 'ENOENT'],
    ] as const) {
      const driver = await start(await context(host({ reset, resetOn: 'server', folder: join(folder, why) })));
      await driver.create({ id: 'first', image: 'bare' }, never);
      await expect(driver.destroy('first', never)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(why) });
    }
  });

  test('destroy kills what tries to hide, and removes what is hard to remove', async () => {
    const driver = await start(await context(host()));
    await driver.create({ id: 'first', image: 'bare' }, never);
    const session = await driver.connect('first', never);
    const script = 'mkdir -p a/b && chmod 000 a; setsid env -i sleep 4012 >/dev/null 2>&1 & cd /; setsid sleep 4013 >/dev/null 2>&1 & echo';
    await run(session, ['sh', '-c', script]);
    while (commands().filter((line) => /^sleep 401[23]/.test(line)).length < 2) await tick();
    await driver.destroy('first', never);
    expect(commands().filter((line) => /sleep 401[23]/.test(line))).toEqual([]);
    expect(readdirSync(join(folder, 'base'))).toEqual([]);
    await session.dispose();
  });

  test('after a cut, connect works again and the job has gone on', async () => {
    const driver = await start(await context(host()));
    await driver.create({ id: 'first', image: 'bare' }, never);
    const first = await driver.connect('first', never);
    await run(first, ['sh', '-c', 'echo one >log; mkfifo go; setsid sh -c "cat go >>log" >/dev/null 2>&1 </dev/null & exit 0']);
    const cut = collect(first.follow('log', 0, never), (bytes) => {
      if (text(bytes) === 'one\n') sshd.cut();
      return false;
    });
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    const second: Session = await driver.connect('first', never);
    await run(second, ['sh', '-c', 'echo two >go']);
    expect(text(await collect(second.follow('log', 4, never), hasText('two')))).toBe('two\n');
    await Promise.all([first.dispose(), second.dispose()]);
    await driver.destroy('first', never);
  });

  test('a server that is restarted: known machines stay listed, nothing is taken twice', async () => {
    const made = await context(host());
    const driver = await start(made);
    await driver.create({ id: 'first', image: 'bare' }, never);
    await sshd.stop();
    const later = await start(made);
    expect(await later.list(never)).toEqual(['first']);
    await expect(later.connect('first', never)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(later.create({ id: 'first', image: 'bare' }, never)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(later.destroy('first', never)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(later.check(never)).rejects.toMatchObject({ message: expect.stringContaining('one: ') });
    await sshd.start();
    await expect(later.create({ id: 'second', image: 'bare' }, never)).rejects.toMatchObject({ code: 'exhausted' });
    await (await later.connect('first', never)).dispose();
    await later.destroy('first', never);
    await later.check(never);
  });

  test('two installations share a host, one at a time, and neither sees the other', async () => {
    const made = await context(host());
    const ours = await start(made);
    const theirs = await start(await context(host()), { installation: 'other' });
    await ours.create({ id: 'same', image: 'bare' }, never);
    await expect(theirs.create({ id: 'same', image: 'bare' }, never)).rejects.toMatchObject({ code: 'exhausted' });
    expect(await theirs.list(never)).toEqual([]);
    await theirs.destroy('same', never);
    await (await ours.connect('same', never)).dispose();
    await ours.destroy('same', never);
    await theirs.create({ id: 'same', image: 'bare' }, never);
    await theirs.destroy('same', never);
  });

  test('a host that cannot be reached is asked once, then comes last', async () => {
    const counted = await countingServer();
    const made = await context(host({ name: 'dead', port: counted.port }), host());
    const driver = await start(made);
    for (const id of ['first', 'second']) {
      await driver.create({ id, image: 'bare' }, never);
      await driver.destroy(id, never);
    }
    expect(counted.count()).toBe(1);
    expect(made.lines.filter((line) => line.level === 'warn').length).toBe(1);
    await counted.close();
  });

  test('two processes that take one host at once: one gets it', async () => {
    const drivers = await Promise.all([0, 1, 2].map(async () => start(await context(host()))));
    const results = await Promise.allSettled(drivers.map((driver, index) => driver.create({ id: `m${index}`, image: 'bare' }, never)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
    const [listed] = await Promise.all(drivers.map((driver) => driver.list(never)));
    expect(listed?.length).toBe(1);
    for (const id of listed ?? []) await drivers[0]?.destroy(id, never);
  });

  test.each(['a/b c', '..', 'ü:é', '%2E', '-rf', "it's"])('the id %j is as good as any', async (id) => {
    const driver = await start(await context(host()));
    await driver.create({ id, image: 'bare' }, never);
    expect(await (await start(await context(host()))).list(never)).toEqual([id]);
    await driver.destroy(id, never);
    expect(readdirSync(join(folder, 'base'))).toEqual([]);
  });

  test('a host that shows another key is refused, and the others are used', async () => {
    const wrong = host({ hostKey: sshd.otherFingerprint });
    const driver = await start(await context(wrong));
    await expect(driver.create({ id: 'first', image: 'bare' }, never)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(driver.check(never)).rejects.toMatchObject({ message: expect.stringContaining(sshd.fingerprint) });
    expect(await driver.describe(never)).toEqual([]);
    const both = await start(await context(wrong, host({ name: 'two' })));
    await both.create({ id: 'first', image: 'bare' }, never);
    await both.destroy('first', never);
  });

  test('describes hosts of one image by what they share, and remembers it for when they are away', async () => {
    const made = await context(host(), host({ name: 'two', folder: join(folder, 'two') }), host({ name: 'three', image: 'other' }));
    const driver = await start(made);
    const images = await driver.describe(never);
    expect(images.map((image) => image.image)).toEqual(['bare', 'other']);
    expect(images[0]).toMatchObject({ system: 'linux', isolation: 'none', isolationNote: expect.stringMatching(/one: .*two: /) });
    await sshd.stop();
    expect(await (await start(made)).describe(never)).toEqual(images);
    await sshd.start();
  });

  test('a key file is read again for every connection', async () => {
    const file = join(folder, 'key');
    const driver = await start(await context(host({ privateKeyFile: file })));
    await expect(driver.check(never)).rejects.toMatchObject({ message: expect.stringContaining(file) });
    appendFileSync(file, sshd.privateKey);
    await driver.check(never);
  });
});

/** Hangs up on everybody, and counts them. */
async function countingServer(): Promise<{ port: number; count: () => number; close: () => Promise<unknown> }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { port: address.port, count: () => count, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** The command lines of all processes that have one. */
function commands(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      // Gone since the folder was read.
      return '';
    }
  });
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
