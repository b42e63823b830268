import { beforeEach, describe, expect, test } from 'vitest';
import { JobOutput } from './job-output.ts';

let lines: string[];
let output: JobOutput;

beforeEach(() => {
  lines = [];
  output = new JobOutput((line) => {
    lines.push(line);
    return Promise.resolve();
  });
});

async function shown(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  for (const chunk of chunks) await output.append(Buffer.from(chunk));
  await output.end();
  return lines;
}

describe('lines', () => {
  test.each([
    [['one\ntwo\n'], ['one', 'two']],
    [
      ['one\n', '\n', 'three'],
      ['one', '', 'three'],
    ],
    [
      ['o', 'n', 'e', '\nt', 'wo'],
      ['one', 'two'],
    ],
    [[''], []],
    [['windows\r\nunix\n'], ['windows', 'unix']],
  ])('%j', async (chunks, wanted) => {
    expect(await shown(...chunks)).toEqual(wanted);
  });

  test('a progress bar is its last state', async () => {
    expect(await shown('10%\r50%\r100%\r\ndone\n')).toEqual(['100%', 'done']);
  });

  test('one without an end is shown in pieces, none of it lost', async () => {
    const long = 'x'.repeat(50_000);
    const pieces = await shown(long, '\nnext\n');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.slice(0, -1).join('')).toBe(long);
    expect(pieces.at(-1)).toBe('next');
  });

  test('the offset counts bytes, not characters', async () => {
    await shown('ü\n', Uint8Array.of(0xff));
    expect(output.spoolOffset).toBe(4);
  });
});

describe('characters', () => {
  test('that are split between chunks are whole', async () => {
    const bytes = Buffer.from('ü☃💥\n');
    expect(await shown(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['ü☃💥']);
  });

  test('that are none are replaced, at the end too', async () => {
    expect(await shown(Uint8Array.of(0x61, 0xff, 0x62, 0x0a, 0xe2, 0x98))).toEqual(['a\ufffdb', '\ufffd']);
  });
});

describe('of a terminal', () => {
  test.each([
    ['colours stay', '\u001b[1;31mred\u001b[0m', '\u001b[1;31mred\u001b[0m'],
    ['moves go', 'a\u001b[2J\u001b[H\u001b[3;4Hb\u001b[?25l', 'ab'],
    ['titles go, however they end', 'a\u001b]0;title\u0007b\u001b]8;;http://x\u001b\\c', 'abc'],
    ['single escapes go', 'a\u001bcb\u001b7c', 'abc'],
    ['control characters but for tabs go', 'a\u0007\u0008\u0000\tb\u007f', 'a\tb'],
    ['an escape that breaks off does no harm', 'a\u001b]0;never ended', 'a'],
  ])('%s', async (_title, text, wanted) => {
    expect(await shown(`${text}\n`)).toEqual([wanted]);
  });
});
