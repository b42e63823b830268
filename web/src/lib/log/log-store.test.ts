import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockCache } from './block-cache.ts';
import { BLOCK_READ_LIMIT, LogStore } from './log-store.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the server says of a log: lines as it counts them, an entry for each line that begins 64 KB after the last entry. */
function describeLog(bytes: Uint8Array): { size: number; lines: number; entries: [number, number, number][] } {
  const entries: [number, number, number][] = [];
  let line = 0;
  for (let start = 0; start < bytes.length; line += 1) {
    if (start - (entries.at(-1)?.[1] ?? -Infinity) >= 65_536) entries.push([line, start, start]);
    const end = bytes.indexOf(10, start);
    start = end === -1 ? bytes.length : end + 1;
  }
  return { size: bytes.length, lines: line, entries };
}

function open(bytes: Uint8Array): LogStore {
  return new LogStore({ attempt: 1, complete: false, ...describeLog(bytes) });
}

/** Reads what is missing for a line, as the page does by range requests. */
function read(store: LogStore, bytes: Uint8Array, line: number): string | null {
  for (const place of store.missing(line, line + 1)) store.put(place, bytes.slice(place.start, Math.min(place.end, place.start + BLOCK_READ_LIMIT)));
  return store.plainAt(line);
}

describe('LogStore', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'.'.repeat(i % 40)}`);
  const bytes = encode(`${text.join('\n')}\n`);

  it('finds any line by reading one block', () => {
    const store = open(bytes);
    for (const line of [0, 1, 9_999, 12_345, 19_999]) expect(read(store, bytes, line)).toBe(text[line]);
    expect(store.missing(12_345, 12_346)).toEqual([]);
  });

  it('knows no line beyond the end', () => {
    const store = open(bytes);
    expect(store.missing(20_000, 20_001)).toEqual([]);
    expect(store.plainAt(20_000)).toBeNull();
  });

  it('numbers lines rightly however the log is cut as it grows', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,12}$/), { minLength: 1, maxLength: 30 }), fc.nat(5), (pieces, known) => {
        const whole = encode(pieces.join(''));
        const begun = encode(pieces.slice(0, known).join(''));
        const store = open(begun);
        let size = begun.length;
        for (const piece of pieces.slice(known)) {
          if (piece === '') continue;
          size += piece.length;
          store.grow({ size, lines: describeLog(whole.slice(0, size)).lines, at: size }, encode(piece));
        }
        const lines = pieces.join('').replace(/\n$/, '').split('\n');
        expect(store.index.lines).toBe(describeLog(whole).lines);
        for (let line = 0; line < store.index.lines; line += 1) expect(read(store, whole, line)).toBe(lines[line]);
      }),
    );
  });

  it('makes blocks of what comes live, so that it is never read again', () => {
    const store = open(encode(''));
    for (let start = 0; start < bytes.length; start += 10_000) {
      const size = Math.min(bytes.length, start + 10_000);
      store.grow({ size, lines: describeLog(bytes.slice(0, size)).lines, at: start }, bytes.slice(start, size));
    }
    expect(store.missing(0, 20_000)).toEqual([]);
    expect(store.plainAt(17_000)).toBe(text[17_000]);
  });

  it('takes only what is new of an event that overlaps what is known', () => {
    const store = open(encode('one\n'));
    store.grow({ size: 8, lines: 2, at: 5 }, encode('one\ntwo\n'));
    expect(read(store, encode('one\ntwo\n'), 1)).toBe('two');
  });

  it('draws a piece of a line of megabytes, and says what is hidden', () => {
    const giant = encode(`first\n${'x'.repeat(5_000_000)}\nlast\n`);
    const store = open(giant);
    expect(read(store, giant, 2)).toBe('last');
    read(store, giant, 1);
    const line = store.lineAt(1);
    expect(line?.spans[0]?.text.length).toBe(8_000);
    expect(line?.hidden).toBeGreaterThan(200_000);
    expect(line?.isPartial).toBe(true);
  });

  it('shows bytes that are no UTF-8 as U+FFFD, and the last state of a progress bar', () => {
    const odd = new Uint8Array([...encode('a'), 0xff, ...encode('b\r\n10%\r20%\n')]);
    const store = open(odd);
    expect(read(store, odd, 0)).toBe('a\ufffdb');
    expect(read(store, odd, 1)).toBe('20%');
  });

  it('does not ask for ever for bytes that the server does not have', () => {
    const store = open(bytes);
    for (const place of store.missing(0, 20_000)) store.put(place, new Uint8Array());
    expect(store.missing(0, 20_000)).toEqual([]);
    expect(store.lineAt(500)).toBeNull();
  });

  it('times a line by the piece it came in', () => {
    const store = open(encode('old\n'));
    store.grow({ size: 8, lines: 2, at: 90_000 }, encode('new\n'));
    expect([store.index.timeOfLine(0), store.index.timeOfLine(1)]).toEqual([0, 90_000]);
  });
});

describe('BlockCache', () => {
  it('forgets what was not used for longest, and never the newest', () => {
    const cache = new BlockCache(100);
    cache.set({ start: 0, bytes: new Uint8Array(60), end: 0 });
    cache.set({ start: 1, bytes: new Uint8Array(30), end: 0 });
    cache.get(0);
    cache.set({ start: 2, bytes: new Uint8Array(30), end: 0 });
    expect([0, 1, 2].map((start) => cache.get(start) !== null)).toEqual([true, false, true]);
    cache.set({ start: 3, bytes: new Uint8Array(500), end: 0 });
    expect(cache.get(3)?.bytes.length).toBe(500);
    expect(cache.bytes).toBe(500);
  });
});
