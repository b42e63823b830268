import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, hasText, run } from '#plugins/api/testing';
import { wineMissing } from '../../../test/support/wine/root.ts';
import { startWindows, type TestWindows } from '../../../test/support/wine/windows.ts';
import { SshConnection, parseHostKey } from '../ssh.ts';
import { handSources, type Hand } from './hand.ts';
import { WindowsSession } from './session.ts';

const missing = wineMissing();
const FOLDER = String.raw`C:\work\one`;
const PYTHON = String.raw`C:\Python311\python.exe`;
/** Compiled by the lab: its Windows has no .NET Framework. */
const HAND: Hand = {
  line: String.raw`C:\dotnet\dotnet.exe C:\hand\hand.dll`,
  argv: [String.raw`C:\dotnet\dotnet.exe`, String.raw`C:\hand\hand.dll`],
};

describe.skipIf(missing !== null)(`a session on Windows${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let windows: TestWindows;
  let session: WindowsSession;
  beforeAll(async () => {
    windows = await startWindows();
    const names = [...(await handSources()).keys()];
    await windows.compile(
      names.map((name) => join(import.meta.dirname, 'hand', name)),
      String.raw`C:\hand\hand.dll`,
    );
    await windows.run(['cmd.exe', '/c', 'mkdir', FOLDER]);
    session = await open();
  }, 300_000);
  afterAll(async () => {
    await session?.dispose();
    await windows?.close();
  });

  async function open(): Promise<WindowsSession> {
    const { host, port, user, privateKey, fingerprint } = windows.sshd;
    const authentication = { kind: 'key', privateKey, passphrase: null } as const;
    const connection = await SshConnection.open({ host, port, user, hostKeys: [parseHostKey(fingerprint)], authentication }, never());
    return await WindowsSession.open(connection, { folder: FOLDER, machine: 'm1', hand: () => Promise.resolve(HAND) }, never());
  }

  async function told(argv: readonly string[]): Promise<{ argv: string[]; folder: string; commandLine: string }> {
    return JSON.parse((await run(session, [PYTHON, ...argv])).output);
  }

  test('runs in its folder', async () => {
    expect(await told([])).toMatchObject({ argv: [PYTHON], folder: FOLDER });
  });

  test('passes each argument unchanged', { timeout: 120_000 }, async () => {
    const piece = fc.constantFrom(
      ' ',
      '"',
      '\\',
      '%',
      '%PATH%',
      '^',
      '&',
      '|',
      '<',
      '>',
      '!',
      "'",
      '`',
      '$x',
      '(',
      ')',
      ';',
      ',',
      '=',
      '*',
      '?',
      '\t',
      '\n',
      'ü',
      '☃',
      '😀',
      '-',
      '/c',
      'a',
    );
    const word = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 30 }), async (words) => {
        expect((await told(words)).argv.slice(1)).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });

  test('gives exit codes as results, of 32 bits', async () => {
    for (const exitCode of [0, 1, 42, 255, 256, 0xc000_0005])
      expect(await run(session, ['cmd.exe', '/c', `exit ${exitCode | 0}`])).toEqual({ exitCode, output: '' });
  });

  test('reports a program that is not there as a failing command', async () => {
    expect(await run(session, ['no-such-program-here'])).toMatchObject({ exitCode: 127, output: expect.stringContaining('cannot be started') });
  });

  /** A batch file in the session's folder, as an argv. */
  async function batch(name: string, lines: readonly string[]): Promise<string[]> {
    await session.upload([{ path: `${name}.cmd`, content: Buffer.from(['@echo off', ...lines, ''].join('\r\n')), mode: 0o600 }], never());
    return ['cmd.exe', '/d', '/c', `${name}.cmd`];
  }

  test('gives all output, both streams in order, before the result', async () => {
    const argv = await batch('both', ['for /l %%i in (1,1,200) do (echo out %%i& echo err %%i>&2)']);
    const wanted = Array.from({ length: 200 }, (_, index) => `out ${index + 1}\r\nerr ${index + 1}\r\n`).join('');
    expect((await run(session, argv)).output.replaceAll(/ +\r/g, '\r')).toBe(wanted);
  });

  test('has an empty standard input', async () => {
    expect(await run(session, ['findstr.exe', 'x'])).toEqual({ exitCode: 1, output: '' });
  });

  test('gives output while the command still runs, and ends its whole tree on abort', async () => {
    const argv = await batch('long', ['start /b ping.exe -n 700 127.0.0.1 >nul', 'echo early', 'ping.exe -n 600 127.0.0.1 >nul']);
    const controller = new AbortController();
    const onOutput = (): void => controller.abort(new Error('seen'));
    await expect(session.exec(argv, { signal: controller.signal, onOutput })).rejects.toThrow('seen');
    expect((await run(session, ['tasklist.exe'])).output.toLowerCase()).not.toContain('ping.exe');
  });

  test('throws what its reader throws, and ends the command', async () => {
    const argv = await batch('thrown', ['echo early', 'ping.exe -n 600 127.0.0.1 >nul']);
    const onOutput = (): void => {
      throw new Error('no more');
    };
    await expect(session.exec(argv, { signal: never(), onOutput })).rejects.toThrow('no more');
    expect((await run(session, ['tasklist.exe'])).output.toLowerCase()).not.toContain('ping.exe');
  });

  test('runs several commands at once', async () => {
    const results = await Promise.all([1, 2, 3, 4, 5].map((code) => run(session, ['cmd.exe', '/c', `echo ${code}& exit ${code}`])));
    expect(results).toEqual([1, 2, 3, 4, 5].map((exitCode) => ({ exitCode, output: `${exitCode}\r\n` })));
  });

  test('runs nothing when already aborted', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(session.exec(['cmd.exe', '/c', 'echo x >never-made'], { signal })).rejects.toThrow('before');
    await expect(collect(session.download('never-made', never()))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('leaves no files of its commands', async () => {
    expect(await readdir(windows.outside(`${FOLDER}\\.terrarium`))).toEqual([]);
  });

  test('returns when the command ends; what it left in the background goes on, also when the session is gone', async () => {
    const second = await open();
    const argv = await batch('behind', ['start /b cmd.exe /d /c wait.cmd', 'exit /b 0']);
    await batch('wait', [':again', 'if exist go (echo went>went& exit /b)', 'ping.exe -n 2 127.0.0.1 >nul', 'goto again']);
    expect((await run(second, argv)).exitCode).toBe(0);
    await second.dispose();
    await second.dispose();
    await expect(second.exec(['cmd.exe', '/c', 'ver'], { signal: never() })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(second.upload([], never())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(collect(second.download('wait.cmd', never()))).rejects.toMatchObject({ code: 'unavailable' });
    await session.upload([{ path: 'went', content: new Uint8Array(), mode: 0o600 }], never());
    const following = collect(session.follow('went', 0, never()), hasText('went'));
    await session.upload([{ path: 'go', content: new Uint8Array(), mode: 0o600 }], never());
    expect(Buffer.from(await following).toString()).toContain('went');
  });

  test('uploads bytes unchanged, makes folders, replaces', async () => {
    const content = randomBytes(300_000);
    await session.upload([{ path: 'deep/er/file ü ☃', content: Buffer.from('old, and much longer than nothing'), mode: 0o644 }], never());
    await session.upload([{ path: 'deep/er/file ü ☃', content, mode: 0o700 }], never());
    expect(Buffer.from(await collect(session.download('deep/er/file ü ☃', never()))).equals(content)).toBe(true);
    expect(await readFile(windows.outside(`${FOLDER}\\deep\\er\\file ü ☃`))).toEqual(content);
    await session.upload([{ path: 'deep/er/file ü ☃', content: new Uint8Array(), mode: 0o600 }], never());
    expect(await collect(session.download('deep/er/file ü ☃', never()))).toHaveLength(0);
  });

  test('uploads a file of this host, and many files in one call', async () => {
    const content = randomBytes(5_000_000);
    const from = join(windows.driveC, 'from');
    await writeFile(from, content);
    const many = Array.from({ length: 200 }, (_, index) => ({ path: `many/${index}`, content: Buffer.from(`${index}`), mode: 0o600 }));
    await session.upload([{ path: 'to', content: { file: from }, mode: 0o600 }, ...many], never());
    expect(Buffer.from(await collect(session.download('to', never()))).equals(content)).toBe(true);
    expect(await readdir(windows.outside(`${FOLDER}\\many`))).toHaveLength(200);
    await expect(session.upload([{ path: 'to', content: { file: `${from}-not` }, mode: 0o600 }], never())).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('refuses paths that leave the folder', async () => {
    for (const path of ['../out', '/etc/out', 'a/../../out', '', 'a//b', '.', 'a/./b', 'nul\0', 'a\\..\\..\\out', 'C:/out', 'C:\\out'])
      await expect(session.upload([{ path, content: Buffer.from('x'), mode: 0o600 }], never()), path).rejects.toMatchObject({ code: 'invalid' });
  });

  test('reads nothing that is not a regular file, or not there', async () => {
    for (const read of [(path: string) => session.download(path, never()), (path: string) => session.follow(path, 0, never())]) {
      await expect(collect(read('absent'))).rejects.toMatchObject({ code: 'not-found' });
      await expect(collect(read('absent/file'))).rejects.toMatchObject({ code: 'not-found' });
      await expect(collect(read('deep'))).rejects.toMatchObject({ code: 'invalid' });
      await expect(collect(read('../one/to'))).rejects.toMatchObject({ code: 'invalid' });
    }
  });

  test('says why a file cannot be written', async () => {
    const uploading = session.upload([{ path: 'deep', content: Buffer.from('x'), mode: 0o600 }], never());
    await expect(uploading).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('/C:/work/one/deep') });
  });

  test('throws the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(session.upload([{ path: 'aborted', content: Buffer.from('x'), mode: 0o600 }], signal)).rejects.toThrow('stop');
    await expect(collect(session.download('many/1', signal))).rejects.toThrow('stop');
  });

  test('follows a growing file from an offset, byte for byte', async () => {
    await session.upload([{ path: 'grow', content: Buffer.from('0123456789'), mode: 0o600 }], never());
    const following = collect(session.follow('grow', 4, never()), hasText('end\r\n'));
    await run(session, await batch('grow', ['for /l %%i in (1,1,300) do echo line %%i>>grow', 'echo end>>grow']));
    const wanted = `456789${Array.from({ length: 300 }, (_, index) => `line ${index + 1}\r\n`).join('')}end\r\n`;
    expect(Buffer.from(await following).toString()).toBe(wanted);
  });

  test('ends a follow, without an error, when its signal aborts', async () => {
    const controller = new AbortController();
    await session.upload([{ path: 'ends', content: Buffer.from('seen'), mode: 0o600 }], never());
    const following = collect(session.follow('ends', 0, controller.signal), () => {
      controller.abort(new Error('seen enough'));
      return false;
    });
    expect(Buffer.from(await following).toString()).toBe('seen');
  });

  test('ends a follow of what gets shorter, is shorter from the start, or goes away', async () => {
    await session.upload([{ path: 'short', content: Buffer.from('short'), mode: 0o600 }], never());
    await expect(collect(session.follow('short', 1000, never()))).rejects.toMatchObject({ code: 'invalid' });
    const shortened = (async () => {
      for await (const _chunk of session.follow('short', 0, never())) await writeFile(windows.outside(`${FOLDER}\\short`), '');
    })();
    await expect(shortened).rejects.toMatchObject({ code: 'invalid' });
    const removed = (async () => {
      for await (const _chunk of session.follow('ends', 0, never())) await run(session, ['cmd.exe', '/c', 'del ends']);
    })();
    await expect(removed).rejects.toMatchObject({ code: 'not-found' });
  });

  test('passes big files on', async () => {
    await writeFile(windows.outside(`${FOLDER}\\big`), Buffer.alloc(50_000_000));
    let length = 0;
    for await (const chunk of session.follow('big', 1, never())) {
      length += chunk.length;
      if (length >= 49_999_999) break;
    }
    expect(length).toBe(49_999_999);
  });

  test('is unavailable when the connection is cut, and so is what runs over it', async () => {
    const second = await open();
    const argv = await batch('cut', ['echo early', 'ping.exe -n 600 127.0.0.1 >nul']);
    const running = second.exec(argv, { signal: never(), onOutput: () => windows.sshd.cut() });
    await expect(running).rejects.toMatchObject({ code: 'unavailable' });
    expect(second.lost).toBe(true);
    await second.dispose();
    session = await open();
  });
});

function never(): AbortSignal {
  return new AbortController().signal;
}
