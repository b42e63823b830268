import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { appendFile, stat, truncate, writeFile } from 'node:fs/promises';
import { randomBytes, createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { SshConnection, SshSession, type SshTarget, parseHostKey } from './ssh.ts';
import { EXEC_SCRIPT, FOLLOW_SCRIPT, UPLOAD_SCRIPT } from './ssh-scripts.ts';
import { shellSpares } from './ssh-spares.ts';

const missing = sshdMissing();

/** As many as a test calls at the same time, or more. */
const SPARES = 6;

/** Each with spare processes that wait in the machine, of either kind, and without: nobody may see a difference. */
describe.skipIf(missing !== null).each(['none', 'shells', 'perl'] as const)(
  `a session over ssh, spares: %s${missing === null ? '' : ` (skipped: ${missing})`}`,
  (spares) => {
    const never = new AbortController().signal;
    let sshd: TestSshd;
    let folder: string;
    let session: SshSession;

    function target(): SshTarget {
      const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
      return { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.knownHostsLine)], authentication };
    }

    async function openSession(): Promise<SshSession> {
      const connection = await SshConnection.open(target(), never);
      const opened = await SshSession.open(connection, { folder, marker: `test-${folder}` }, never);
      if (spares === 'perl') await opened.prepare(SPARES, never);
      if (spares === 'shells') await connection.prepare(shellSpares([EXEC_SCRIPT, UPLOAD_SCRIPT, FOLLOW_SCRIPT]), SPARES, never);
      return opened;
    }

    async function run(...argv: string[]): Promise<{ exitCode: number; output: Buffer }> {
      const chunks: Uint8Array[] = [];
      const { exitCode } = await session.exec(argv, { signal: never, onOutput: (chunk) => chunks.push(chunk) });
      return { exitCode, output: Buffer.concat(chunks) };
    }

    beforeAll(async () => {
      sshd = await startSshd();
    });
    afterAll(() => sshd.close());
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'terrarium-ssh-'));
      session = await openSession();
    });
    afterEach(async () => {
      await session.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    test('passes arguments on unchanged, whatever they hold', async () => {
      const argv = [
        '',
        ' ',
        "it's",
        '"',
        '\\',
        '\\n',
        '$HOME',
        '`id`',
        '$(id)',
        '*',
        '!!',
        '~',
        'a\nb',
        'é \u{1F40D}',
        '-n',
        '--',
        'x'.repeat(100_000),
      ];
      const { output } = await run('printf', '%s\\0', ...argv);
      expect(output.toString()).toBe(argv.map((word) => `${word}\0`).join(''));
      await expect(run('printf', 'a\0b')).rejects.toMatchObject({ code: 'invalid' });
      await expect(run('printf', 'x'.repeat(200_000))).rejects.toMatchObject({ code: 'invalid' });
    });

    test('reports exit codes exactly, signals as 128 and more, and a missing program as 127', async () => {
      for (const code of [0, 1, 3, 126, 255]) expect((await run('sh', '-c', `exit ${code}`)).exitCode).toBe(code);
      expect((await run('sh', '-c', 'kill -TERM $$')).exitCode).toBe(143);
      expect((await run('sh', '-c', 'kill -KILL $$')).exitCode).toBe(137);
      expect((await run('/no/such/program')).exitCode).toBe(127);
    });

    test('a command that kills what watches over it is still a result', async () => {
      expect((await run('sh', '-c', 'kill -KILL $PPID; exec sleep 4000')).exitCode).toBe(137);
      killAll(folder);
    });

    test('gives an empty standard input, the folder, and both outputs in order', async () => {
      expect((await run('sh', '-c', 'pwd; cat; echo a; echo b >&2; echo c')).output.toString()).toBe(`${folder}\na\nb\nc\n`);
    });

    test('passes all 256 values and 50 MB unchanged in both directions', async () => {
      const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, value) => value)), randomBytes(50_000_000)]);
      const local = join(folder, 'local');
      await writeFile(local, bytes);
      await session.upload([{ path: 'copy', content: { file: local }, mode: 0o600 }], never);
      expect(readFileSync(join(folder, 'copy')).equals(bytes)).toBe(true);
      expect((await run('cat', 'copy')).output.equals(bytes)).toBe(true);
      const hash = createHash('sha256');
      for await (const chunk of session.download('copy', never)) hash.update(chunk);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    });

    test('uploads a thousand files in one go, makes parents, sets modes, replaces what is there', async () => {
      const long = `${'deep/'.repeat(30)}${'n'.repeat(120)}.txt`;
      const files = Array.from({ length: 1000 }, (_, number) => ({ path: `many/${number}`, content: Buffer.from(`${number}`), mode: 0o640 }));
      await session.upload([...files, { path: long, content: Buffer.from('long'), mode: 0o600 }], never);
      await session.upload([{ path: 'many/7', content: Buffer.alloc(0), mode: 0o755 }], never);
      expect(readdirSync(join(folder, 'many')).length).toBe(1000);
      expect(readFileSync(join(folder, 'many/999'), 'utf8')).toBe('999');
      expect(readFileSync(join(folder, long), 'utf8')).toBe('long');
      expect((await stat(join(folder, 'many/7'))).size).toBe(0);
      expect((await stat(join(folder, 'many/7'))).mode & 0o777).toBe(0o755);
      expect((await stat(join(folder, 'many/8'))).mode & 0o777).toBe(0o640);
    });

    test('says which path it does not take and what it could not write', async () => {
      for (const path of ['../x', '/x', 'a/../x', '', 'a//b', '.']) {
        await expect(session.upload([{ path, content: Buffer.alloc(0), mode: 0o600 }], never)).rejects.toMatchObject({ code: 'invalid' });
      }
      await writeFile(join(folder, 'file'), '');
      const below = [{ path: 'file/below', content: Buffer.alloc(1), mode: 0o600 }];
      await expect(session.upload(below, never)).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('file') });
      const absent = [{ path: 'x', content: { file: join(folder, 'absent') }, mode: 0o600 }];
      await expect(session.upload(absent, never)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('an abort kills the whole tree, escaped sessions included, before it throws', async () => {
      const abort = new AbortController();
      const script = 'sleep 4001 & setsid setsid sleep 4002 & (trap "" TERM HUP; sleep 4003) & echo up; wait';
      const running = session.exec(['sh', '-c', script], {
        signal: abort.signal,
        onOutput: () => void untilProcesses(folder, 4).then(() => abort.abort(new Error('enough'))),
      });
      await expect(running).rejects.toThrow('enough');
      expect(processesOf(folder)).toEqual([]);
      await expect(session.exec(['true'], { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    });

    test('an abort at any moment of a start leaves nothing', async () => {
      for (let round = 0; round < 30; round++) {
        const abort = new AbortController();
        const running = session.exec(['sleep', '4007'], { signal: abort.signal });
        const refused = expect(running).rejects.toThrow('enough');
        for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
        abort.abort(new Error('enough'));
        await refused;
        expect(processesOf(folder), `after ${round} turns`).toEqual([]);
      }
    });

    test('an error of the listener ends the command and is thrown', async () => {
      const onOutput = (): void => {
        throw new Error('full');
      };
      await expect(session.exec(['sh', '-c', 'echo x; sleep 4004'], { signal: never, onOutput })).rejects.toThrow('full');
      expect(processesOf(folder)).toEqual([]);
      expect((await run('true')).exitCode).toBe(0);
    });

    test('a command that leaves something behind with its output open still ends', async () => {
      expect(await run('sh', '-c', 'sleep 4005 & echo done; exit 5')).toEqual({ exitCode: 5, output: Buffer.from('done\n') });
      expect(processesOf(folder).length).toBe(1);
      killAll(folder);
    });

    test('more calls at once than the server takes channels', async () => {
      const results = await Promise.all(Array.from({ length: 40 }, (_, number) => run('echo', String(number))));
      expect(results.map((result) => result.output.toString())).toEqual(Array.from({ length: 40 }, (_, number) => `${number}\n`));
    });

    test('follows a growing file from an offset and leaves nothing behind', async () => {
      await writeFile(join(folder, 'log'), 'skipped-first;');
      for (let round = 0; round < 12; round++) {
        const abort = new AbortController();
        let text = '';
        for await (const chunk of session.follow('log', 8, abort.signal)) {
          text += Buffer.from(chunk).toString();
          if (text === 'first;') await appendFile(join(folder, 'log'), 'second;');
          if (!text.endsWith('second;')) continue;
          if (round % 2 === 0) break;
          abort.abort();
        }
        expect(text.startsWith('first;second;')).toBe(true);
      }
      await untilNoFollower(folder);
    });

    test('follow and download say what is wrong with a file', async () => {
      await writeFile(join(folder, 'short'), 'abc');
      const cases = [
        ['absent', 0, 'not-found'],
        ['.', 0, 'invalid'],
        ['../short', 0, 'invalid'],
        ['short', 4, 'invalid'],
        ['folder', 0, 'invalid'],
        ['link', 0, 'invalid'],
        ['fifo', 0, 'invalid'],
      ] as const;
      await run('sh', '-c', 'mkdir folder; ln -s short link; mkfifo fifo');
      for (const [path, offset, code] of cases) {
        await expect(collect(session.follow(path, offset, never)), path).rejects.toMatchObject({ code });
        if (offset === 0) await expect(collect(session.download(path, never)), path).rejects.toMatchObject({ code });
      }
      expect(await collect(session.follow('short', 0, AbortSignal.abort()))).toBe('');
    });

    test.each([
      ['got shorter', 'invalid', (file: string) => truncate(file, 1)],
      ['was removed', 'not-found', (file: string) => Promise.resolve(rmSync(file))],
    ])('follow notices that the file %s', async (_, code, change) => {
      const file = join(folder, 'log');
      await writeFile(file, 'some bytes');
      const follow = async (): Promise<void> => {
        for await (const _chunk of session.follow('log', 0, never)) await change(file);
      };
      await expect(follow()).rejects.toMatchObject({ code });
      await untilNoFollower(folder);
    });

    test('a reader that pauses fills no memory', async () => {
      await run('sh', '-c', 'head -c 100000000 /dev/zero > big');
      const iterator = session.follow('big', 0, never)[Symbol.asyncIterator]();
      await iterator.next();
      const before = process.memoryUsage();
      for (let round = 0; round < 10; round++) await run('true');
      const after = process.memoryUsage();
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000);
      await iterator.return?.(undefined);
    });

    test('a cut in the middle of a follow is `unavailable`; a new session goes on from the offset, bytes identical', async () => {
      const bytes = randomBytes(3_000_000);
      await writeFile(join(folder, 'log'), bytes.subarray(0, 1_000_000));
      const read: Uint8Array[] = [];
      const size = (): number => read.reduce((sum, chunk) => sum + chunk.length, 0);
      const first = async (): Promise<void> => {
        for await (const chunk of session.follow('log', 0, never)) {
          read.push(chunk);
          if (size() >= 1_000_000) sshd.cut();
        }
      };
      await expect(first()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(run('true')).rejects.toMatchObject({ code: 'unavailable' });
      await untilNoFollower(folder);
      await appendFile(join(folder, 'log'), bytes.subarray(1_000_000));
      session = await openSession();
      for await (const chunk of session.follow('log', size(), never)) {
        read.push(chunk);
        if (size() === bytes.length) break;
      }
      expect(Buffer.concat(read).equals(bytes)).toBe(true);
    });

    test('a cut ends every call with `unavailable`, and the command goes on', async () => {
      await run('mkfifo', 'go');
      const script = 'echo up; read word < go; echo "$word" > done';
      const running = session.exec(['sh', '-c', script], { signal: never, onOutput: () => sshd.cut() });
      await expect(running).rejects.toMatchObject({ code: 'unavailable' });
      session = await openSession();
      await run('sh', '-c', 'echo through > go');
      while ((await run('test', '-s', 'done')).exitCode !== 0);
      expect((await run('cat', 'done')).output.toString()).toBe('through\n');
    });

    test('after dispose everything is `unavailable`, and what runs is not ended', async () => {
      await run('sh', '-c', 'setsid sleep 4006 >/dev/null 2>&1 </dev/null & exit 0');
      await session.dispose();
      await session.dispose();
      await expect(run('true')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(collect(session.follow('x', 0, never))).rejects.toMatchObject({ code: 'unavailable' });
      expect(processesOf(folder).length).toBe(1);
      killAll(folder);
    });

    test('a folder that is gone is `unavailable`', async () => {
      rmSync(folder, { recursive: true });
      await expect(run('true')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(openSession()).rejects.toMatchObject({ code: 'unavailable' });
    });
  },
);

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

/** The processes that carry the machine's marker. */
function processesOf(folder: string): number[] {
  return matching('environ', (words) => words.includes(`TERRARIUM_MACHINE=test-${folder}`));
}

function matching(file: 'environ' | 'cmdline', test: (words: string[]) => boolean): number[] {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  const found = pids.filter((pid) => {
    try {
      return test(readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0'));
    } catch {
      // Gone since the folder was read.
      return false;
    }
  });
  return found.map(Number);
}

function killAll(folder: string): void {
  for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
}

async function untilProcesses(folder: string, count: number): Promise<void> {
  while (processesOf(folder).length < count) await new Promise((resolve) => setImmediate(resolve));
}

/** Fails by the test's time limit if what follows a file stays in the folder. */
async function untilNoFollower(folder: string): Promise<void> {
  const here = (pid: number): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      // Gone since the folder was read.
      return false;
    }
  };
  while (matching('cmdline', ([word]) => word === 'tail' || word === 'perl').some(here)) await new Promise((resolve) => setImmediate(resolve));
}
