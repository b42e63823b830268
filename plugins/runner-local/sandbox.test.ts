import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '#plugins/api';
import { collect, fakeContext, hasText, run, text, type FakeContext } from '#plugins/api/testing';
import { LocalConfig } from './config.ts';
import { LocalRunner } from './local-runner.ts';
import { findMarked } from './processes.ts';
import { sandboxProblem } from './testing/sandbox-problem.ts';

const problem = await sandboxProblem();
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
const VITEST = 'node_modules/vitest/vitest.mjs';
const never = new AbortController().signal;

describe.skipIf(problem !== null)(`a sandboxed job${problem === null ? '' : ` (cannot be tested here: ${problem})`}`, () => {
  let context: FakeContext<LocalConfig>;
  let driver: LocalRunner;
  let session: Session;
  beforeAll(async () => {
    context = await fakeContext(LocalConfig.parse({ isolation: 'sandbox', processes: 200 }), 'hostile');
    driver = new LocalRunner(context);
    await driver.init(never);
    await driver.create({ id: 'hostile', image: 'local' }, never);
    session = await driver.connect('hostile', never);
  });
  afterAll(async () => {
    await driver.destroy('hostile', never);
    await driver.close();
    await context.remove();
  });

  function sh(script: string, ...words: readonly string[]): Promise<{ exitCode: number; output: string }> {
    return run(session, ['sh', '-c', script, 'sh', ...words]);
  }

  it('is an ordinary user with a name and no way to become more', async () => {
    const { output } = await sh('id -u; id -un; grep -E "^(CapEff|CapPrm|NoNewPrivs)" /proc/self/status; hostname');
    expect(output).toMatch(/^1000\nterrarium\nCapPrm:\t0+\nCapEff:\t0+\nNoNewPrivs:\t1\nterrarium\n$/);
  });

  it('is an unprivileged user for the host, too', async () => {
    await sh('sleep 599 >/dev/null 2>&1 &');
    const mine = findMarked('TERRARIUM_MACHINE', `${context.folder}/hostile`).filter((one) =>
      readFileSync(`/proc/${one.pid}/cmdline`, 'utf8').includes('599'),
    );
    expect(mine).toHaveLength(1);
    const user = /^Uid:\t(\d+)\t(\d+)/m.exec(readFileSync(`/proc/${mine[0]?.pid}/status`, 'utf8'));
    expect([user?.[1], user?.[2]]).not.toContain('0');
    await sh('kill "$(pgrep -f "sleep 599" | head -n 1)"');
  });

  it('cannot write to the system, to what the host shows it, or to the requests', async () => {
    for (const path of ['/x', '/usr/x', '/etc/x', '/bin/x', '/dev/x', '/root/x', '/run/x', '/run/terrarium/control/x', '/proc/sys/kernel/hostname'])
      expect((await sh('echo x >"$1"', path)).exitCode, path).not.toBe(0);
    for (const path of ['/tmp/x', '/var/tmp/x', '/dev/shm/x', '/terrarium/x']) expect((await sh('echo x >"$1"', path)).exitCode, path).toBe(0);
    expect(existsSync('/tmp/x')).toBe(false);
  });

  it('sees no secret, no home, no data of the server, nothing of the host’s /tmp', async () => {
    for (const path of ['/etc/shadow', '/etc/ssh/ssh_host_rsa_key', '/etc/sudoers'])
      expect((await sh('test -s "$1"', path)).exitCode, path).not.toBe(0);
    const mark = mkdtempSync(join(tmpdir(), 'terrarium-mark-'));
    for (const path of [mark, context.folder, process.cwd(), '/root/.ssh', '/root/.bashrc'])
      expect((await sh('test -e "$1"', path)).exitCode, path).not.toBe(0);
    rmSync(mark, { recursive: true });
    expect((await sh('env')).output).not.toContain(tmpdir() === '/tmp' ? 'PWD=/work' : tmpdir());
  });

  it('sees its own processes only, and cannot kill the first of them', async () => {
    const { output } = await sh('echo /proc/[0-9]* | wc -w; kill -9 1; echo alive');
    expect(Number(output.split('\n')[0])).toBeLessThan(12);
    expect(output).toContain('alive');
    expect((await sh(`kill -0 ${process.pid}`)).exitCode).not.toBe(0);
  });

  it('reaches no service of the host, and has a loopback of its own', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    expect((await run(session, ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`])).exitCode).not.toBe(0);
    server.close();
    expect((await sh('cat /proc/net/dev | grep -c :')).output.trim()).toBe('1');
  });

  it('is held to its number of processes, and can be destroyed then', async () => {
    const other = await another('bomb');
    const bomb = ':(){ : | : & }; :; sleep 0.5; :(){ true; }';
    await other.exec(['bash', '-c', bomb], { signal: never });
    await driver.destroy('bomb', never);
    expect(await driver.list()).not.toContain('bomb');
  });

  it('runs the interpreters that were found, those of a home folder included', async () => {
    const [image] = await driver.describe(never);
    expect(image?.isolation).toBe('sandbox');
    for (const one of image?.interpreters ?? [])
      expect(await run(session, [one.path, '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])']), one.path).toEqual({
        exitCode: 0,
        output: `${one.version}\n`,
      });
  });

  it('cannot lead an upload or a download elsewhere by links and pipes', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'terrarium-outside-'));
    writeFileSync(join(outside, 'secret'), 'secret');
    await sh('ln -s "$1" out; ln -s "$1/secret" link; ln -s /etc/passwd passwd; mkfifo pipe; mkdir -p real; ln -s real near', outside);
    const file = { content: Buffer.from('x'), mode: 0o600 };
    await expect(session.upload([{ path: 'out/new', ...file }], never)).rejects.toMatchObject({ code: 'invalid' });
    await expect(session.upload([{ path: 'near/new', ...file }], never)).rejects.toMatchObject({ code: 'invalid' });
    expect(existsSync(join(outside, 'new'))).toBe(false);
    for (const path of ['link', 'passwd', 'out/secret', 'pipe', 'near/x'])
      await expect(collect(session.download(path, never)), path).rejects.toMatchObject({ code: 'invalid' });
    for (const path of ['link', 'pipe']) await expect(collect(session.follow(path, 0, never)), path).rejects.toMatchObject({ code: 'invalid' });
    await session.upload(
      [
        { path: 'link', ...file },
        { path: 'pipe', ...file },
      ],
      never,
    );
    expect(text(await collect(session.download('pipe', never)))).toBe('x');
    rmSync(outside, { recursive: true });
  });

  it('leaves nothing of a command behind, whether its output is wanted or not', async () => {
    const loud = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    expect(await session.exec(loud, { signal: never })).toEqual({ exitCode: 3 });
    expect(await run(session, loud)).toEqual({ exitCode: 3, output: 'out\nerr\n' });
    for (const name of ['replies', 'control'])
      expect((await sh('ls "$1"', `/run/terrarium/${name}`)).output).toMatch(/^(requests\n|\d+(\.output)?\n)+$/);
    expect((await sh('ls /run/terrarium/replies | grep -c output')).output).toBe('1\n');
  });

  it('may remove and disguise its files: the machine is unavailable or useful, and goes without a trace', async () => {
    const other = await another('messy');
    await run(other, [
      'sh',
      '-c',
      'mkdir -p a/b c && touch a/b/f && chmod 000 a/b a c; rm -f /run/terrarium/replies/requests; mkdir /run/terrarium/replies/requests',
    ]);
    await expect(other.exec(['true'], { signal: never })).rejects.toMatchObject({ code: 'unavailable' });
    await driver.destroy('messy', never);
    expect(existsSync(join(context.folder, 'machines/messy'))).toBe(false);
  });

  it('that kills all it can ends its machine, which says so', async () => {
    const other = await another('suicide');
    const following = collect(other.follow('log', 0, never), hasText('never'));
    const [followed] = await Promise.allSettled([following, other.exec(['sh', '-c', 'kill -9 -1'], { signal: never })]);
    expect(followed).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    await driver.destroy('suicide', never);
  });

  async function another(id: string): Promise<Session> {
    await driver.create({ id, image: 'local' }, never);
    const other = await driver.connect(id, never);
    await other.upload([{ path: 'log', content: new Uint8Array(), mode: 0o600 }], never);
    return other;
  }
});

// Only root can put a folder where sandboxes do not have one of their own.
describe.skipIf(problem !== null || process.getuid?.() !== 0)('the options of a sandbox', () => {
  it('refuses to show what a sandbox has of its own', () => {
    expect(LocalConfig.safeParse({ visible: ['/tmp/x'] }).success).toBe(false);
    expect(LocalConfig.safeParse({ visible: ['relative'] }).success).toBe(false);
  });

  it('shows what is visible, hides what is hidden, shares the network, limits files and memory', async () => {
    const shown = mkdtempSync('/var/terrarium-visible-');
    chmodSync(shown, 0o755);
    writeFileSync(join(shown, 'seen'), 'seen', { mode: 0o644 });
    writeFileSync(join(shown, 'unseen'), 'unseen', { mode: 0o644 });
    const options = {
      isolation: 'sandbox',
      network: 'host',
      visible: [shown],
      hidden: [join(shown, 'unseen')],
      memoryMegabytes: 256,
      fileMegabytes: 1,
    };
    const context = await fakeContext(LocalConfig.parse(options), 'options');
    const driver = new LocalRunner(context);
    await driver.init(never);
    await driver.create({ id: 'options', image: 'local' }, never);
    const session = await driver.connect('options', never);
    expect((await run(session, ['cat', join(shown, 'seen'), join(shown, 'unseen')])).output).toBe('seen');
    expect((await run(session, ['sh', '-c', 'head -c 2000000 /dev/zero >big; stat -c %s big'])).output).toContain('1048576\n');
    const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    expect((await run(session, ['bash', '-c', `cat </dev/tcp/127.0.0.1/${port}`])).output).toBe('reached');
    server.close();
    await driver.check(never);
    const [image] = await driver.describe(never);
    expect(image?.isolationNote).toContain("host's network");
    if (image?.isolationNote.includes('and memory')) {
      expect((await run(session, ['sh', '-c', 'x=$(head -c 600000000 /dev/zero | tr "\\0" x); echo "${#x}"'])).output).not.toContain('600000000');
    }
    await driver.destroy('options', never);
    await driver.close();
    rmSync(shown, { recursive: true });
    await context.remove();
  });
});

// Only root can put a folder where sandboxes do not have one of their own.
describe.skipIf(problem !== null || process.getuid?.() !== 0)('a data folder in a visible place', () => {
  let shown: string;
  let data: string;
  beforeEach(() => {
    shown = mkdtempSync('/var/terrarium-shown-');
    data = join(shown, 'data');
    for (const folder of ['plugins/local', 'plugins/other', 'logs', 'tools/bin', 'tools/keys']) mkdirSync(join(data, folder), { recursive: true });
    for (const file of ['secret.key', 'logs/1.log', 'plugins/other/store', 'tools/bin/tool', 'tools/keys/key'])
      writeFileSync(join(data, file), 'DATA', { mode: 0o644 });
    writeFileSync(join(shown, 'seen'), 'SEEN', { mode: 0o644 });
    spawnSync('chmod', ['-R', 'a+rX', shown]);
  });
  afterEach(() => rmSync(shown, { recursive: true }));

  /** All texts of files that a job can read below a folder, and what writing there comes to. */
  async function look(options: Partial<LocalConfig>, folder = shown): Promise<string> {
    const fake = await fakeContext(LocalConfig.parse({ isolation: 'sandbox', ...options }), 'local');
    const driver = new LocalRunner({ ...fake, folder: join(data, 'plugins/local') });
    await driver.init(never);
    await driver.create({ id: 'looks', image: 'local' }, never);
    const script = 'cd "$1" && find -H . | sort; find -H . -type f -exec cat {} +; : >data/x';
    const { output } = await run(await driver.connect('looks', never), ['sh', '-c', script, 'sh', folder]);
    await driver.destroy('looks', never);
    await driver.close();
    await fake.remove();
    return output;
  }

  it('is not there for jobs, and cannot be written to', async () => {
    const output = await look({ visible: [shown] });
    expect(output).toMatch(/^\.\n\.\/data\n\.\/seen\nSEEN.*Read-only file system\n$/);
  });

  it('is there as far as it is asked for by itself, without what is hidden', async () => {
    const output = await look({ visible: [shown, join(data, 'tools')], hidden: [join(data, 'tools/keys'), join(data, 'logs')] });
    const found = ['.', './data', './data/tools', './data/tools/bin', './data/tools/bin/tool', './data/tools/keys', './seen'];
    expect(output).toContain(`${found.join('\n')}\nDATASEEN`);
  });

  it('is not there by another way either', async () => {
    const way = mkdtempSync('/var/terrarium-way-');
    symlinkSync(shown, join(way, 'in'));
    const output = await look({ visible: [join(way, 'in')] }, join(way, 'in'));
    rmSync(way, { recursive: true });
    expect(output).toContain('SEEN');
    expect(output).not.toContain('DATA');
  });

  it('keeps the instance to itself, whatever of it is asked for', async () => {
    const output = await look({ visible: [join(data, 'plugins')] }, join(data, 'plugins'));
    expect(output).toContain('./other/store\nDATA');
    expect(output).not.toContain('./local/');
  });
});

/** Only root can become another user, who must be able to read this checkout. */
function canBecomeNobody(): boolean {
  return process.getuid?.() === 0 && spawnSync(AS_NOBODY[0], [...AS_NOBODY.slice(1), 'test', '-r', VITEST]).status === 0;
}

describe.skipIf(problem !== null || !canBecomeNobody())('an ordinary user of this host', () => {
  it('keeps the whole contract in sandboxes and without', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'terrarium-user-'));
    chownSync(folder, 65534, 65534);
    const words = [
      'run',
      '--config',
      'test/vitest.config.ts',
      '--configLoader',
      'runner',
      '--no-cache',
      'plugins/runner-local/runner-local',
      'plugins/runner-local/sandbox',
      'plugins/runner-local/replies',
      '--reporter',
      'verbose',
    ];
    const environment = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder };
    const child = spawn(AS_NOBODY[0], [...AS_NOBODY.slice(1), process.execPath, VITEST, ...words], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code]: unknown[] = await once(child, 'close');
    rmSync(folder, { recursive: true });
    expect(code, output).toBe(0);
    expect(output).toContain('runner-local in a sandbox');
  });
});
