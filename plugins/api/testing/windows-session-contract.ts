import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../session.ts';
import type { RunnerSubject } from './runner-contract.ts';
import { collect, hasText, run } from './runner-helpers.ts';

/** Arguments that have been read otherwise by some program, shell or library of Windows. */
const AWKWARD = [
  '',
  ' ',
  'a b',
  '\t',
  'a\nb',
  '"',
  '""',
  '"a"',
  'a"b c"d',
  "'",
  '`',
  '^',
  '^^"',
  '&',
  '|',
  '<',
  '>',
  '&&',
  '%',
  '%PATH%',
  '%%',
  '!',
  '!x!',
  '$x',
  '$(x)',
  ';',
  ',',
  '=',
  '@x',
  '(',
  ')',
  '\\',
  '\\\\',
  'a\\',
  'a b\\',
  'a\\"',
  '\\"',
  '\\\\" b',
  'C:\\x y\\',
  '-',
  '--',
  '/c',
  '/?',
  '*',
  '?',
  '*.*',
  '~',
  '#',
  '{}',
  '[a]',
  'ü',
  '☃',
  '😀',
  'e\u0301',
  '\u202e',
  '\u00a0',
  '\u2028',
];

/** The rules of `Session` for Windows machines, by what every Windows has. One machine serves all of them, as one attempt's calls would. */
export function describeWindowsSession(subject: () => RunnerSubject): void {
  describe('session on Windows', () => {
    let session: Session;
    const open = (): Promise<Session> => subject().driver.connect('contract-session', never());
    beforeAll(async () => {
      const { driver, image } = subject();
      await driver.create({ id: 'contract-session', image }, never());
      session = await open();
    });
    afterAll(async () => {
      await session?.dispose();
      await subject().driver.destroy('contract-session', never());
    });
    describeArguments(subject, () => session);
    describeExec(() => session);
    describeFiles(() => session);
    describeFollow(() => session);
    describeBackground(() => session, open);
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** A batch file in the session's folder, as an argv. */
async function batch(session: Session, name: string, lines: readonly string[]): Promise<string[]> {
  await session.upload([{ path: `${name}.cmd`, content: Buffer.from(['@echo off', ...lines, ''].join('\r\n')), mode: 0o600 }], never());
  return ['cmd.exe', '/d', '/c', `${name}.cmd`];
}

async function tasks(session: Session): Promise<string> {
  return (await run(session, ['tasklist.exe'])).output.toLowerCase();
}

function describeArguments(subject: () => RunnerSubject, session: () => Session): void {
  it('is of Windows, in a folder of its own', async () => {
    expect(session()).toMatchObject({ system: 'windows', folder: expect.stringMatching(/^[A-Za-z]:\\/) });
    const { exitCode, output } = await run(session(), ['cmd.exe', '/d', '/c', 'cd']);
    expect({ exitCode, output: output.toLowerCase() }).toEqual({ exitCode: 0, output: `${session().folder.toLowerCase()}\r\n` });
  });

  it('passes each argument unchanged', async (context) => {
    const { teller } = subject();
    if (teller === undefined) {
      context.skip('no program on the machine tells its arguments');
      return;
    }
    expect(teller.read((await run(session(), [...teller.argv, ...AWKWARD])).output)).toEqual(AWKWARD);
    const long = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(90)}`);
    expect(teller.read((await run(session(), [...teller.argv, ...long])).output)).toEqual(long);
  });

  it('refuses what cannot be passed unchanged', async () => {
    for (const argv of [[], ['a\0b'], ['x.cmd', '%PATH%'], ['x', '\ud800'], ['x', 'y'.repeat(40_000)]])
      await expect(session().exec(argv, { signal: never() })).rejects.toMatchObject({ code: 'invalid' });
  });
}

function describeExec(session: () => Session): void {
  it('gives exit codes as results, of 32 bits', async () => {
    for (const exitCode of [0, 1, 42, 255, 256, 0xc000_0005])
      expect(await run(session(), ['cmd.exe', '/c', `exit ${exitCode | 0}`])).toEqual({ exitCode, output: '' });
  });

  it('reports a program that is not there as a failing command', async () => {
    expect(await run(session(), ['no-such-program-here'])).toMatchObject({ exitCode: 127, output: expect.stringContaining('cannot be started') });
  });

  it('gives all output, both streams in order, before the result', async () => {
    const argv = await batch(session(), 'both', ['for /l %%i in (1,1,200) do (echo out %%i& echo err %%i>&2)']);
    const wanted = Array.from({ length: 200 }, (_, index) => `out ${index + 1}\r\nerr ${index + 1}\r\n`).join('');
    expect((await run(session(), argv)).output.replaceAll(/ +\r/g, '\r')).toBe(wanted);
  });

  it('has an empty standard input', async () => {
    expect(await run(session(), ['findstr.exe', 'x'])).toEqual({ exitCode: 1, output: '' });
  });

  it('gives output while the command still runs, and ends its whole tree on abort', async () => {
    const argv = await batch(session(), 'long', ['start /b ping.exe -n 700 127.0.0.1 >nul', 'echo early', 'ping.exe -n 600 127.0.0.1 >nul']);
    const controller = new AbortController();
    const onOutput = (): void => controller.abort(new Error('seen'));
    await expect(session().exec(argv, { signal: controller.signal, onOutput })).rejects.toThrow('seen');
    expect(await tasks(session())).not.toContain('ping.exe');
  });

  it('throws what its reader throws, and ends the command', async () => {
    const argv = await batch(session(), 'thrown', ['echo early', 'ping.exe -n 600 127.0.0.1 >nul']);
    const onOutput = (): void => {
      throw new Error('no more');
    };
    await expect(session().exec(argv, { signal: never(), onOutput })).rejects.toThrow('no more');
    expect(await tasks(session())).not.toContain('ping.exe');
  });

  it('runs several commands at once', async () => {
    const results = await Promise.all([1, 2, 3, 4, 5].map((code) => run(session(), ['cmd.exe', '/c', `echo ${code}& exit ${code}`])));
    expect(results).toEqual([1, 2, 3, 4, 5].map((exitCode) => ({ exitCode, output: `${exitCode}\r\n` })));
  });

  it('runs nothing when already aborted', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(session().exec(['cmd.exe', '/c', 'echo x >never-made'], { signal })).rejects.toThrow('before');
    await expect(collect(session().download('never-made', never()))).rejects.toMatchObject({ code: 'not-found' });
  });
}

function describeFiles(session: () => Session): void {
  it('uploads bytes unchanged, makes folders, replaces', async () => {
    const content = randomBytes(300_000);
    await session().upload([{ path: 'deep/er/file ü ☃', content: Buffer.from('old, and much longer than nothing'), mode: 0o644 }], never());
    await session().upload([{ path: 'deep/er/file ü ☃', content, mode: 0o700 }], never());
    expect(Buffer.from(await collect(session().download('deep/er/file ü ☃', never()))).equals(content)).toBe(true);
    await session().upload([{ path: 'deep/er/file ü ☃', content: new Uint8Array(), mode: 0o600 }], never());
    expect(await collect(session().download('deep/er/file ü ☃', never()))).toHaveLength(0);
  });

  it('uploads a file of this host, and many files in one call', async () => {
    const content = randomBytes(5_000_000);
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-upload-'));
    const from = join(folder, 'from');
    await writeFile(from, content);
    const many = Array.from({ length: 200 }, (_, index) => ({ path: `many/${index}`, content: Buffer.from(`${index}`), mode: 0o600 }));
    await session().upload([{ path: 'to', content: { file: from }, mode: 0o600 }, ...many], never());
    expect(Buffer.from(await collect(session().download('to', never()))).equals(content)).toBe(true);
    const counted = await run(session(), await batch(session(), 'count', ['for %%f in (many\\*) do echo %%f']));
    expect(counted.output.trim().split('\r\n')).toHaveLength(200);
    await expect(session().upload([{ path: 'to', content: { file: `${from}-not` }, mode: 0o600 }], never())).rejects.toMatchObject({
      code: 'not-found',
    });
    await rm(folder, { recursive: true });
  });

  it('refuses paths that leave the folder', async () => {
    for (const path of ['../out', '/etc/out', 'a/../../out', '', 'a//b', '.', 'a/./b', 'nul\0', 'a\\..\\..\\out', 'C:/out', 'C:\\out'])
      await expect(session().upload([{ path, content: Buffer.from('x'), mode: 0o600 }], never()), path).rejects.toMatchObject({ code: 'invalid' });
  });

  it('reads nothing that is not a regular file, or not there', async () => {
    for (const read of [(path: string) => session().download(path, never()), (path: string) => session().follow(path, 0, never())]) {
      await expect(collect(read('absent'))).rejects.toMatchObject({ code: 'not-found' });
      await expect(collect(read('absent/file'))).rejects.toMatchObject({ code: 'not-found' });
      await expect(collect(read('deep'))).rejects.toMatchObject({ code: 'invalid' });
      await expect(collect(read('../one/to'))).rejects.toMatchObject({ code: 'invalid' });
    }
  });

  it('says why a file cannot be written', async () => {
    const uploading = session().upload([{ path: 'deep', content: Buffer.from('x'), mode: 0o600 }], never());
    await expect(uploading).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('/deep') });
  });

  it('throws the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(session().upload([{ path: 'aborted', content: Buffer.from('x'), mode: 0o600 }], signal)).rejects.toThrow('stop');
    await expect(collect(session().download('many/1', signal))).rejects.toThrow('stop');
  });
}

function describeFollow(session: () => Session): void {
  it('follows a growing file from an offset, byte for byte', async () => {
    await session().upload([{ path: 'grow', content: Buffer.from('0123456789'), mode: 0o600 }], never());
    const following = collect(session().follow('grow', 4, never()), hasText('end\r\n'));
    await run(session(), await batch(session(), 'grow', ['for /l %%i in (1,1,300) do echo line %%i>>grow', 'echo end>>grow']));
    const wanted = `456789${Array.from({ length: 300 }, (_, index) => `line ${index + 1}\r\n`).join('')}end\r\n`;
    expect(Buffer.from(await following).toString()).toBe(wanted);
  });

  it('ends a follow, without an error, when its signal aborts', async () => {
    const controller = new AbortController();
    await session().upload([{ path: 'ends', content: Buffer.from('seen'), mode: 0o600 }], never());
    const following = collect(session().follow('ends', 0, controller.signal), () => {
      controller.abort(new Error('seen enough'));
      return false;
    });
    expect(Buffer.from(await following).toString()).toBe('seen');
  });

  it('ends a follow of what gets shorter, is shorter from the start, or goes away', async () => {
    await session().upload([{ path: 'short', content: Buffer.from('short'), mode: 0o600 }], never());
    await expect(collect(session().follow('short', 1000, never()))).rejects.toMatchObject({ code: 'invalid' });
    const shortened = (async () => {
      for await (const _chunk of session().follow('short', 0, never())) await run(session(), ['cmd.exe', '/d', '/c', 'type nul >short']);
    })();
    await expect(shortened).rejects.toMatchObject({ code: 'invalid' });
    const removed = (async () => {
      for await (const _chunk of session().follow('ends', 0, never())) await run(session(), ['cmd.exe', '/c', 'del ends']);
    })();
    await expect(removed).rejects.toMatchObject({ code: 'not-found' });
  });

  it('passes big files on', async () => {
    await session().upload([{ path: 'big', content: Buffer.alloc(50_000_000), mode: 0o600 }], never());
    let length = 0;
    for await (const chunk of session().follow('big', 1, never())) {
      length += chunk.length;
      if (length >= 49_999_999) break;
    }
    expect(length).toBe(49_999_999);
  });
}

function describeBackground(session: () => Session, open: () => Promise<Session>): void {
  it('returns when the command ends; what it left in the background goes on, also when the session is gone', async () => {
    const second = await open();
    const argv = await batch(session(), 'behind', ['start /b cmd.exe /d /c wait.cmd', 'exit /b 0']);
    await batch(session(), 'wait', [':again', 'if exist go (echo went>went& exit /b)', 'ping.exe -n 2 127.0.0.1 >nul', 'goto again']);
    expect((await run(second, argv)).exitCode).toBe(0);
    await second.dispose();
    await second.dispose();
    await expect(second.exec(['cmd.exe', '/c', 'ver'], { signal: never() })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(second.upload([], never())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(collect(second.download('wait.cmd', never()))).rejects.toMatchObject({ code: 'unavailable' });
    await session().upload([{ path: 'went', content: new Uint8Array(), mode: 0o600 }], never());
    const following = collect(session().follow('went', 0, never()), hasText('went'));
    await session().upload([{ path: 'go', content: new Uint8Array(), mode: 0o600 }], never());
    expect(Buffer.from(await following).toString()).toContain('went');
  });
}
