import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogIndex, LogSearch } from '#server/api';
import { LogStore } from './log-store.ts';

const never = new AbortController().signal;

let folder: string;
let store: LogStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-logs-'));
  store = new LogStore(join(folder, 'logs'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function text(attempt: number, start: number, end: number): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of store.read(attempt, start, end)) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function write(attempt: number, chunks: readonly (readonly [text: string, atMs: number])[]): Promise<void> {
  const writer = await store.open(attempt, { secrets: [] });
  for (const [chunk, atMs] of chunks) await writer.append(Buffer.from(chunk), atMs);
  await writer.finish();
  await writer.close();
}

describe('LogStore', () => {
  it('has an empty log for an attempt nothing was written for', async () => {
    expect(await store.size(5)).toBe(0);
    expect(await text(5, 0, 100)).toBe('');
    expect(await store.index(5)).toEqual({ attempt: 5, size: 0, lines: 0, complete: false, entries: [] });
    expect(await store.search(5, 'x', never)).toEqual({ total: 0, lines: [], complete: false });
    expect(await store.lineAt(5, 10)).toBe(0);
    await store.remove(5);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses the attempt %d', async (attempt) => {
    await expect(store.size(attempt)).rejects.toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('reads ranges, as far as they are there', async () => {
    await write(1, [['0123456789', 1]]);
    expect(await text(1, 0, 4)).toBe('0123');
    expect(await text(1, 4, 4)).toBe('');
    expect(await text(1, 8, 1000)).toBe('89');
    expect(await text(1, 1000, 2000)).toBe('');
    await expect(text(1, 4, 3)).rejects.toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('says when lines arrived where output is sparse, the same while it is written and after', async () => {
    const writer = await store.open(1, { secrets: [] });
    await writer.append(Buffer.from('a\nb\nc'), 1000);
    await writer.append(Buffer.from('c\nd\n'), 1300);
    await writer.append(Buffer.from('e\n'), 1400);
    await writer.append(Buffer.from('f'), 5000);
    const live = await store.index(1);
    expect(live).toEqual({
      attempt: 1,
      size: 12,
      lines: 6,
      complete: false,
      entries: [
        [0, 0, 1000],
        [3, 7, 1300],
        [5, 11, 5000],
      ],
    });
    expect(await new LogStore(join(folder, 'logs')).index(1)).toEqual(live);
    await writer.finish();
    await writer.close();
    expect(await store.index(1)).toEqual({ ...live, complete: true });
    expect(LogIndex.parse(live)).toEqual(live);
  });

  it('has an entry at least every 64 KB and a line, each at the beginning of its line', async () => {
    const lines = Array.from({ length: 50_000 }, (_, number) => `line ${number} ${'.'.repeat(number % 90)}\n`);
    await write(1, [[lines.join(''), 1000]]);
    const { entries, size } = await store.index(1);
    const gaps = entries.map(([, offset], index) => (entries[index + 1]?.[1] ?? size) - offset);
    expect(Math.max(...gaps)).toBeLessThan(64 * 1024 + 200);
    for (const [line, offset] of entries) expect(await text(1, offset, offset + 12)).toMatch(new RegExp(`^line ${line} `));
  });

  it('finds the line of any byte', async () => {
    const lines = Array.from({ length: 3000 }, (_, number) => '-'.repeat(number % 130));
    await write(1, [[lines.join('\n'), 1000]]);
    let offset = 0;
    for (const [number, line] of lines.entries()) {
      if (number % 97 === 0) expect([await store.lineAt(1, offset), await store.lineAt(1, offset + line.length)]).toEqual([number, number]);
      offset += line.length + 1;
    }
    expect(await store.lineAt(1, offset + 1_000_000)).toBe(2999);
  });

  it('takes one line of 100 MB', async () => {
    const writer = await store.open(1, { secrets: [{ name: 'S', value: 'hunter22' }] });
    const megabyte = Buffer.alloc(1_000_000, '#');
    for (let count = 0; count < 100; count += 1) await writer.append(megabyte, 1000);
    await writer.append(Buffer.from('\nlast'), 1000);
    await writer.close();
    const { size, lines, entries } = await store.index(1);
    expect({ size, lines, first: entries[0] }).toEqual({ size: 100_000_005, lines: 2, first: [0, 0, 1000] });
    expect([await store.lineAt(1, 99_999_999), await store.lineAt(1, 100_000_001)]).toEqual([0, 1]);
    const again = await store.open(1, { secrets: [{ name: 'S', value: 'hunter22' }], spoolLimit: 50_000_000 });
    expect(again.spoolOffset).toBeGreaterThan(49_000_000);
    expect(again.position()).toEqual({ offset: again.spoolOffset, line: 0 });
    expect((await store.index(1)).lines).toBe(1);
    await again.close();
  });

  it('searches the lines', async () => {
    const lines = Array.from({ length: 100_000 }, (_, number) => `test ${number} ${number % 1000 === 7 ? 'FAILED' : 'passed'}\n`);
    await write(1, [[lines.join(''), 1000]]);
    const found = await store.search(1, 'failed', never);
    expect(found).toEqual({ total: 100, lines: Array.from({ length: 100 }, (_, hit) => hit * 1000 + 7), complete: true });
    expect(LogSearch.parse(found)).toEqual(found);
    await expect(store.search(1, 'failed', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('removes a log', async () => {
    await write(1, [['x', 1]]);
    await store.remove(1);
    expect(await store.size(1)).toBe(0);
    expect((await store.index(1)).complete).toBe(false);
  });

  it('does not call a log complete that lost its end', async () => {
    await write(1, [['one\ntwo\n', 1]]);
    await writeFile(join(folder, 'logs', '1.log'), 'one\nt');
    expect(await store.index(1)).toEqual({ attempt: 1, size: 5, lines: 2, complete: false, entries: [[0, 0, 1]] });
  });
});
