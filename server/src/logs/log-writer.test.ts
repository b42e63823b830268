import { mkdtemp, open, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogStore } from './log-store.ts';
import type { LogWriter } from './types.ts';

const SECRETS = [
  { name: 'PASSWORD', value: 'hunter22' },
  { name: 'KEY', value: 'begin\nfirst line of it\nsecond line of it\nend' },
];

let folder: string;
let store: LogStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-logs-'));
  store = new LogStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function stored(attempt: number): Promise<string> {
  return (await readFile(join(folder, `${attempt}.log`))).toString();
}

/** Lines of all lengths, some of them very long, with secrets whole and in part. */
const spools = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom('collected 12 items\n', 'hunter22', 'hunt', 'er22\n', 'first line of it', SECRETS[1]?.value ?? '', '\n', 'é\r\n'),
      },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }).map((length) => 'x'.repeat(length)) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));

/** Appends the spool from where the writer wants it, in chunks of the given sizes (repeated); each arrives 70 ms after the one before. */
async function feed(writer: LogWriter, spool: Buffer, sizes: readonly number[], until = spool.length): Promise<void> {
  for (let turn = 0; writer.spoolOffset < until; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    await writer.append(spool.subarray(writer.spoolOffset, Math.min(writer.spoolOffset + size, until)), 1_700_000_000_000 + turn * 70);
  }
}

const chunkSizes = fc.array(fc.oneof(fc.integer({ min: 500, max: 5000 }), fc.integer({ min: 5000, max: 300_000 })), { minLength: 1, maxLength: 5 });

describe('LogWriter', () => {
  it('stores what is appended, masked, and says how far it is', async () => {
    const writer = await store.open(1, { secrets: SECRETS });
    await writer.append(Buffer.from('one\nlogin hunt'), 1000);
    expect(await stored(1)).toBe('one\nlogin ');
    expect(writer.position()).toEqual({ offset: 10, line: 1 });
    expect(writer.lines).toBe(2);
    expect(writer.spoolOffset).toBe(14);
    await writer.append(Buffer.from('er22\nthree hunter'), 1100);
    await writer.finish();
    expect(await stored(1)).toBe('one\nlogin [secure]\nthree hunter');
    expect(writer.complete).toBe(true);
    await expect(writer.append(Buffer.from('more'), 1200)).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    await writer.close();
    expect(await store.index(1)).toEqual({ attempt: 1, size: 31, lines: 3, complete: true, entries: [[0, 0, 1000]] });
  });

  it('warns of a secret that cannot be masked, by its name only', async () => {
    const writer = await store.open(1, { secrets: [{ name: 'PIN', value: '739' }] });
    expect(writer.warnings).toHaveLength(1);
    expect(writer.warnings[0]).toContain('PIN');
    expect(writer.warnings[0]).not.toContain('739');
    await writer.close();
  });

  it('keeps the order of appends that are not waited for', async () => {
    const writer = await store.open(1, { secrets: [] });
    await Promise.all(Array.from({ length: 500 }, (_, line) => writer.append(Buffer.from(`${line}\n`), 1000)));
    await writer.close();
    expect(await stored(1)).toBe(Array.from({ length: 500 }, (_, line) => `${line}\n`).join(''));
  });

  it('comes out the same after being left with its files at any length', async () => {
    await fc.assert(
      fc.asyncProperty(
        spools,
        chunkSizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        leaveAndResume,
      ),
      { numRuns: 60 },
    );
  });

  async function leaveAndResume(spool: Buffer, sizes: readonly number[], logShare: number, journalShare: number, finished: boolean): Promise<void> {
    const whole = await store.open(1, { secrets: SECRETS });
    await feed(whole, spool, [spool.length]);
    await whole.finish();
    await whole.close();

    const first = await store.open(2, { secrets: SECRETS });
    await feed(first, spool, sizes);
    if (finished) await first.finish();
    await first.close();
    for (const [name, share] of [
      ['2.log', logShare],
      ['2.idx', journalShare],
    ] as const) {
      await truncate(join(folder, name), Math.round((await readFile(join(folder, name))).length * share));
    }
    const second = await store.open(2, { secrets: SECRETS });
    if (!second.complete) await feed(second, spool, sizes);
    await second.finish();
    await second.close();
    expect((await stored(2)) === (await stored(1))).toBe(true);
    const [once, twice] = [await store.index(1), await store.index(2)];
    expect({ lines: twice.lines, size: twice.size, complete: twice.complete }).toEqual({ lines: once.lines, size: once.size, complete: true });
    await store.remove(1);
    await store.remove(2);
  }

  it('does not believe a journal whose log has the length but not the content', async () => {
    const spool = Buffer.from('a line of the log\n'.repeat(40_000));
    const first = await store.open(1, { secrets: SECRETS });
    await feed(first, spool, [10_000]);
    await first.close();
    const file = await open(join(folder, '1.log'), 'r+');
    await file.write(Buffer.alloc(5000), 0, 5000, 300_000);
    await file.close();
    const second = await store.open(1, { secrets: SECRETS });
    expect(second.spoolOffset).toBeLessThanOrEqual(300_000);
    expect(second.spoolOffset).toBeGreaterThan(150_000);
    await feed(second, spool, [50_000]);
    await second.finish();
    await second.close();
    expect((await stored(1)) === spool.toString()).toBe(true);
  });

  it('goes on no later than the caller has dealt with', async () => {
    const spool = Buffer.from('a line of the log\n'.repeat(40_000));
    const first = await store.open(1, { secrets: [] });
    await feed(first, spool, [10_000]);
    await first.finish();
    await first.close();
    const second = await store.open(1, { secrets: [], spoolLimit: 250_000 });
    expect(second.complete).toBe(false);
    expect(second.spoolOffset).toBeLessThanOrEqual(250_000);
    expect((await stored(1)).length).toBe(second.position().offset);
    expect(second.spoolOffset).toBeGreaterThan(150_000);
    await feed(second, spool, [10_000]);
    await second.close();
    expect((await stored(1)) === spool.toString()).toBe(true);
  });

  it('refuses a second writer until the first is closed', async () => {
    const first = await store.open(1, { secrets: [] });
    await expect(store.open(1, { secrets: [] })).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    await expect(store.remove(1)).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    await first.close();
    await first.close();
    await expect(first.append(Buffer.from('late'), 1)).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    await expect(first.finish()).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    await (await store.open(1, { secrets: [] })).close();
  });
});
