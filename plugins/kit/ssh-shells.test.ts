import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { appendFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect, hasText, run, text } from '#plugins/api/testing';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { SshConnection, SshSession, parseHostKey } from './ssh.ts';

const never = new AbortController().signal;
const SHELLS = [
  { title: 'dash without setsid', shell: '/bin/dash', tools: 'system' },
  { title: 'bash', shell: '/bin/bash --posix', tools: 'system' },
  { title: 'bash without setsid', shell: '/bin/bash', tools: 'system' },
  { title: 'busybox with its own tools', shell: '/bin/busybox sh', tools: 'busybox' },
] as const;

/** Why a shell cannot be tested here; null if it can. */
function missing(shell: string): string | null {
  const program = shell.split(' ')[0] ?? shell;
  return sshdMissing() ?? (existsSync(program) ? null : `there is no ${program}`);
}

describe.each(SHELLS)('a machine whose sh is $title', ({ title, shell, tools }) => {
  let folder: string;
  let sshd: TestSshd;
  let session: SshSession;

  /** A PATH with the tools of this machine, or with those of busybox; without `setsid` where the title says so. */
  function makeTools(): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const found = ['/usr/bin', '/bin'].flatMap((directory) => readdirSync(directory).map((name) => [name, join(directory, name)] as const));
    const applets = (): (readonly [string, string])[] =>
      execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((name) => [name, '/bin/busybox']);
    for (const [name, target] of new Map(tools === 'busybox' ? applets() : found)) {
      if (name !== 'setsid' || !title.includes('without setsid')) symlinkSync(target, join(bin, name));
    }
    return bin;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-shell-'));
    mkdirSync(join(folder, 'work'));
    const login = join(folder, 'login');
    writeFileSync(login, `PATH=${makeTools()}\nexport PATH\neval "exec ${shell}\${SSH_ORIGINAL_COMMAND#exec /bin/sh}"\n`);
    sshd = await startSshd([`ForceCommand /bin/dash ${login}`]);
    const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
    const target = { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.fingerprint)], authentication };
    session = await SshSession.open(await SshConnection.open(target, never), { folder: join(folder, 'work'), marker: folder }, never);
  });
  afterEach(async () => {
    await session.dispose();
    await sshd.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.skipIf(missing(shell) !== null)(`keeps the rules of a session (${missing(shell) ?? 'for real'})`, async () => {
    expect(await run(session, ['sh', '-c', 'pwd; cat; echo "$1" >&2; exit 3', 'sh', "it's"])).toEqual({
      exitCode: 3,
      output: `${session.folder}\nit's\n`,
    });
    expect((await run(session, ['sh', '-c', 'kill -KILL $$'])).exitCode).toBe(137);
    expect((await run(session, ['no-such-program'])).exitCode).toBe(127);

    const abort = new AbortController();
    const script = 'sleep 4020 & (trap "" TERM; sleep 4021) & echo up; wait';
    const running = session.exec(['sh', '-c', script], {
      signal: abort.signal,
      onOutput: () => void untilProcesses(folder, 3).then(() => abort.abort(new Error('enough'))),
    });
    await expect(running).rejects.toThrow('enough');
    expect(processesOf(folder)).toEqual([]);

    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const long = `${'deep/'.repeat(25)}file`;
    await session.upload(
      [
        { path: 'log', content, mode: 0o640 },
        { path: long, content: Buffer.from('x'), mode: 0o600 },
      ],
      never,
    );
    await session.upload([{ path: 'log', content, mode: 0o600 }], never);
    expect(Buffer.from(await collect(session.download('log', never))).equals(content)).toBe(true);
    expect(text(await collect(session.download(long, never)))).toBe('x');
    const following = collect(session.follow('log', 69_999, never), hasText('more'));
    await appendFile(join(session.folder, 'log'), 'more');
    expect(text(await following)).toBe(`${text(content.subarray(69_999))}more`);
    const cutting = (async () => {
      for await (const _chunk of session.follow('log', 0, never)) await truncate(join(session.folder, 'log'), 1);
    })();
    await expect(cutting).rejects.toMatchObject({ code: 'invalid' });
    for (const [path, code] of [
      ['absent', 'not-found'],
      ['deep', 'invalid'],
    ] as const) {
      await expect(collect(session.follow(path, 0, never))).rejects.toMatchObject({ code });
    }
  });
});

describe.skipIf(sshdMissing() !== null)('a machine that is not as it should be', () => {
  async function open(settings: readonly string[], work: (session: SshSession) => Promise<void>): Promise<void> {
    const sshd = await startSshd(settings);
    const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
    const target = { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.fingerprint)], authentication };
    const connection = await SshConnection.open(target, never);
    try {
      await work(await SshSession.open(connection, { folder: tmpdir(), marker: 'test' }, never));
    } finally {
      await connection.close();
      await sshd.close();
    }
  }

  test.each(['echo welcome; eval "$SSH_ORIGINAL_COMMAND"', 'echo "$SSH_ORIGINAL_COMMAND"'])(
    'a login shell that does %s is `unsupported`',
    async (command) => {
      await expect(open([`ForceCommand ${command}`], async () => {})).rejects.toMatchObject({ code: 'unsupported' });
    },
  );

  test('fewer channels than are wanted are `exhausted`, by a message that names the setting', async () => {
    await open(['MaxSessions 1'], async (session) => {
      const abort = new AbortController();
      const first = session.exec(['sleep', '4022'], { signal: abort.signal });
      await expect(session.exec(['true'], { signal: never })).rejects.toMatchObject({
        code: 'exhausted',
        message: expect.stringContaining('MaxSessions'),
      });
      abort.abort(new Error('enough'));
      await expect(first).rejects.toThrow('enough');
      expect(await session.exec(['true'], { signal: never })).toEqual({ exitCode: 0 });
    });
  });
});

function processesOf(marker: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TERRARIUM_MACHINE=${marker}`);
    } catch {
      // Gone since the folder was read.
      return false;
    }
  });
}

async function untilProcesses(marker: string, count: number): Promise<void> {
  while (processesOf(marker).length < count) await new Promise((resolve) => setImmediate(resolve));
}
