import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker, PLACEHOLDER } from './masker.ts';
import type { Piece } from './masker.ts';

function bytesOf(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((piece) => piece.bytes));
}

function run(patterns: readonly Buffer[], chunks: readonly Uint8Array[], start = 0): Piece[] {
  const masker = new Masker(patterns, start);
  return [...chunks.flatMap((chunk) => masker.push(chunk)), ...masker.end()];
}

function mask(patterns: readonly string[], text: string): string {
  return bytesOf(
    run(
      patterns.map((pattern) => Buffer.from(pattern)),
      [Buffer.from(text)],
    ),
  ).toString();
}

function cut(text: Buffer, places: readonly number[]): Buffer[] {
  const borders = [0, ...places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return borders.slice(1).map((end, index) => text.subarray(borders[index], end));
}

/** The definition, as slow as it reads: mark all that belongs to an occurrence, join what overlaps. */
function slowly(patterns: readonly Buffer[], text: Buffer): Buffer {
  const spans = patterns
    .flatMap((pattern) =>
      [...text.keys()].filter((at) => text.subarray(at, at + pattern.length).equals(pattern)).map((at) => ({ at, end: at + pattern.length })),
    )
    .toSorted((a, b) => a.at - b.at || b.end - a.end);
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const { at, end } of spans) {
    if (at >= done) parts.push(text.subarray(done, at), PLACEHOLDER);
    done = Math.max(done, end);
  }
  return Buffer.concat([...parts, text.subarray(done)]);
}

// Few letters, so that overlaps and near misses are common.
const letters = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength, maxLength }).map((text) => Buffer.from(text));
const patternList = fc.array(letters(4, 9), { maxLength: 6 });

interface Sample {
  readonly patterns: readonly Buffer[];
  readonly text: Buffer;
}

/** Patterns, and a text made of them, of their beginnings and ends, and of other letters. */
const samples: fc.Arbitrary<Sample> = patternList.chain((patterns) => {
  const cuts = patterns.flatMap((pattern) => [...pattern.keys()].flatMap((at) => [pattern.subarray(at), pattern.subarray(0, at + 1)]));
  const parts = fc.array(fc.oneof(letters(0, 4), fc.constantFrom(...cuts, Buffer.from('a'))), { maxLength: 20 });
  return parts.map((list) => ({ patterns, text: Buffer.concat(list) }));
});
const places = fc.array(fc.nat(), { maxLength: 12 });

describe('Masker', () => {
  it.each([
    [['hunter22'], 'user=hunter22!', 'user=[secure]!'],
    [['abcd', 'cdef'], 'xabcdefx', 'x[secure]x'],
    [['abcd', 'efgh'], 'abcdefgh', '[secure][secure]'],
    [['abcd', 'xxabcdyy'], 'xxabcdyy xxabcdy', '[secure] xx[secure]y'],
    [['aaaa'], 'aaaaaaaaab', '[secure]b'],
    [['abcdabce'], 'abcdabcdabce', 'abcd[secure]'],
    [[], 'nothing', 'nothing'],
  ])('with %j turns %j into %j', (patterns, text, expected) => {
    expect(mask(patterns, text)).toBe(expected);
  });

  it('does what the definition says, however the text is cut', () => {
    fc.assert(
      fc.property(samples, places, ({ patterns, text }, cuts) => {
        expect(bytesOf(run(patterns, cut(text, cuts))).toString()).toBe(slowly(patterns, text).toString());
      }),
      { numRuns: 800 },
    );
  });

  it('does so for long patterns too', () => {
    const long = letters(70, 300).chain((pattern) => {
      const beginnings = fc.array(fc.integer({ min: 1, max: pattern.length }), { maxLength: 6 });
      return beginnings.map((lengths) => ({ pattern, text: Buffer.concat(lengths.map((length) => pattern.subarray(0, length))) }));
    });
    fc.assert(
      fc.property(long, fc.integer({ min: 40, max: 200 }), ({ pattern, text }, size) => {
        const cuts = Array.from({ length: Math.floor(text.length / size) }, (_, index) => (index + 1) * size);
        expect(bytesOf(run([pattern], cut(text, cuts))).toString()).toBe(slowly([pattern], text).toString());
      }),
      { numRuns: 300 },
    );
  });

  it('keeps no byte of an occurrence, and every other byte in its place', () => {
    fc.assert(
      fc.property(patternList, fc.array(fc.oneof(letters(0, 12), fc.uint8Array({ maxLength: 8 }))), places, (patterns, parts, cuts) => {
        const text = Buffer.concat(parts);
        for (const piece of run(patterns, cut(text, cuts)).filter(({ kept }) => kept)) {
          expect(Buffer.from(piece.bytes).equals(text.subarray(piece.start, piece.start + piece.bytes.length))).toBe(true);
          expect(patterns.some((pattern) => Buffer.from(piece.bytes).includes(pattern))).toBe(false);
        }
      }),
    );
  });

  it('gives text without secrets back unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), places, (text, cuts) => {
        const secret = Buffer.from('no such text');
        expect(bytesOf(run([secret], cut(Buffer.from(text), cuts))).equals(text)).toBe(true);
      }),
    );
  });

  it('goes on the same way when begun anew at any piece or within a kept one', () => {
    fc.assert(
      fc.property(samples, places, fc.nat(), ({ patterns, text }, cuts, where) => {
        const pieces = run(patterns, cut(text, cuts));
        if (pieces.length === 0) return;
        const index = where % pieces.length;
        const piece = pieces[index];
        if (piece === undefined) return;
        const inside = piece.kept ? where % piece.bytes.length : 0;
        const rest = bytesOf([{ ...piece, bytes: piece.bytes.subarray(inside) }, ...pieces.slice(index + 1)]);
        const from = piece.start + inside;
        expect(bytesOf(run(patterns, [text.subarray(from)], from)).toString()).toBe(rest.toString());
      }),
      { numRuns: 800 },
    );
  });

  it('holds back only what begins a pattern', () => {
    fc.assert(
      fc.property(samples, ({ patterns, text }) => {
        const masker = new Masker(patterns, 0);
        masker.push(text);
        const begins = [...text.keys()].filter((at) => patterns.some((pattern) => isStart(text.subarray(at), pattern)));
        const longest = begins.length === 0 ? 0 : text.length - Math.min(...begins);
        expect(masker.heldBytes).toBe(longest);
      }),
    );
  });
});

function isStart(bytes: Buffer, pattern: Buffer): boolean {
  return bytes.length > 0 && bytes.length < pattern.length && pattern.subarray(0, bytes.length).equals(bytes);
}
