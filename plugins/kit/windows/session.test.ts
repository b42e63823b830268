import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#plugins/api/testing';
import { wineMissing } from '../../../test/support/wine/root.ts';
import { startWindows, type TestWindows } from '../../../test/support/wine/windows.ts';
import { SshConnection, parseHostKey } from '../ssh.ts';
import { type Hand, handSources, prepareHand } from './hand.ts';
import { WindowsSession } from './session.ts';
import type { SftpFiles } from './sftp.ts';
import { openThrowAway } from './throw-away.ts';

const missing = wineMissing();
const BASE = String.raw`C:\work`;
const FOLDER = `${BASE}\\one`;
const PYTHON = String.raw`C:\Python311\python.exe`;

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

  async function connect(): Promise<SshConnection> {
    const { host, port, user, privateKey, fingerprint } = windows.sshd;
    const authentication = { kind: 'key', privateKey, passphrase: null } as const;
    return await SshConnection.open({ host, port, user, hostKeys: [parseHostKey(fingerprint)], authentication }, never());
  }

  async function open(): Promise<WindowsSession> {
    const connection = await connect();
    const hand = (files: SftpFiles): Promise<Hand> => prepareHand(connection, files, BASE, never());
    return await WindowsSession.open(connection, { folder: FOLDER, machine: 'm1', hand }, never());
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

  /** A batch file in the session's folder, as an argv. */
  async function batch(name: string, lines: readonly string[]): Promise<string[]> {
    await session.upload([{ path: `${name}.cmd`, content: Buffer.from(['@echo off', ...lines, ''].join('\r\n')), mode: 0o600 }], never());
    return ['cmd.exe', '/d', '/c', `${name}.cmd`];
  }

  test('makes its own folder in a machine that is thrown away, and says what that has', async () => {
    const second = await openThrowAway(await connect(), never());
    expect(second.folder).toBe(String.raw`C:\terrarium\work`);
    expect(await second.facts(never())).toMatchObject({ system: 'windows', architecture: 'x86_64' });
    expect(await run(second, ['cmd.exe', '/d', '/c', 'cd'])).toEqual({ exitCode: 0, output: `${second.folder}\r\n` });
    await second.dispose();
  });

  test('leaves no files of its commands', async () => {
    expect(await readdir(windows.outside(`${FOLDER}\\.terrarium`))).toEqual([]);
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
