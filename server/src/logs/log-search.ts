import { CoreError } from '../common/errors.ts';
import { countLines, LINE_FEED } from './lines.ts';

/** How many line numbers an answer holds; all are counted. `LogSearch` of server/api says so. */
const MAX_LINES = 10_000;

/** One character of the text looked for, in each of its cases, as UTF-8; all of the same length. */
type Alternatives = readonly Uint8Array[];

/** The lines found so far. */
export interface Found {
  readonly total: number;
  readonly lines: readonly number[];
}

/**
 * Finds the lines of a stream of UTF-8 that contain a text, whatever the case of its letters. Works on bytes and jumps as far as the text allows
 * (Horspool, 1980). A line that contains it twice counts once. Bytes that are no UTF-8 match nothing and do no harm.
 */
export class LineSearch {
  private readonly characters: readonly Alternatives[];
  /** The bytes that a match takes. */
  private readonly length: number;
  /** By the last byte of a window: how far to go on if the text does not end in it; 0 where it may. */
  private readonly jump: Int32Array;
  /** By the last byte of a window: how far to go on from a place that looked right and was not, or that has been dealt with. */
  private readonly again: Int32Array;
  /** Bytes that may begin a match. */
  private rest: Uint8Array = new Uint8Array(0);
  /** The number of the line that the rest begins in. */
  private line = 0;
  /** That line is counted already. */
  private counted = false;
  private total = 0;
  private readonly lines: number[] = [];

  /** Throws `invalid` for a text that no line can contain: an empty one, or one with a line feed. */
  constructor(text: string) {
    if (text === '' || text.includes('\n')) throw new CoreError('invalid', 'Search for a text that is not empty and has no line feed in it.');
    this.characters = Array.from(text, (character) => casesOf(character));
    const sets = this.characters.flatMap((alternatives) => positionsOf(alternatives));
    this.length = sets.length;
    this.again = distances(sets.slice(0, -1), sets.length);
    this.jump = this.again.slice();
    for (const byte of sets.at(-1) ?? []) this.jump[byte] = 0;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = this.counted ? this.lineAfter(bytes, 0) : 0;
    let known = 0;
    for (at = this.find(bytes, at); at <= bytes.length - this.length; at = this.find(bytes, at)) {
      this.line += countLines(bytes.subarray(known, at));
      known = at;
      this.count();
      at = this.lineAfter(bytes, at);
    }
    const done = Math.min(at, bytes.length);
    this.line += countLines(bytes.subarray(known, done));
    this.rest = bytes.slice(done);
  }

  /** The stream ends here: gives what was found. */
  end(): Found {
    return { total: this.total, lines: this.lines };
  }

  private count(): void {
    this.counted = true;
    this.total += 1;
    if (this.lines.length < MAX_LINES) this.lines.push(this.line);
  }

  /** Where the next line begins; the end if that is not in `bytes`. */
  private lineAfter(bytes: Uint8Array, from: number): number {
    const lineFeed = bytes.indexOf(LINE_FEED, from);
    this.counted = lineFeed === -1;
    return this.counted ? bytes.length : lineFeed + 1;
  }

  /** The next match from `from` on; if there is none, the first place of which too little is there to say. */
  private find(bytes: Uint8Array, from: number): number {
    const { jump, again, length } = this;
    const limit = bytes.length - length;
    let at = from;
    while (at <= limit) {
      const last = bytes[at + length - 1] ?? 0;
      const distance = jump[last] ?? 0;
      if (distance > 0) at += distance;
      else if (this.matches(bytes, at)) return at;
      else at += again[last] ?? 1;
    }
    return at;
  }

  private matches(bytes: Uint8Array, from: number): boolean {
    let at = from;
    for (const alternatives of this.characters) {
      if (!alternatives.some((wanted) => begins(wanted, bytes, at))) return false;
      at += alternatives[0]?.length ?? 0;
    }
    return true;
  }
}

function begins(wanted: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}

/** A character in lower and upper case: its own form, and of the others those that take as many bytes. */
function casesOf(character: string): Alternatives {
  const own = Buffer.from(character, 'utf8');
  const others = new Set([character.toLowerCase(), character.toUpperCase()].filter((form) => form !== character));
  return [own, ...[...others].map((form) => Buffer.from(form, 'utf8')).filter((form) => form.length === own.length)];
}

/** The bytes that may stand at each position of a character. */
function positionsOf(alternatives: Alternatives): Uint8Array[] {
  const length = alternatives[0]?.length ?? 0;
  return Array.from({ length }, (_, position) => Uint8Array.from(alternatives, (bytes) => bytes[position] ?? 0));
}

/** By byte: how far from its last position in `sets` to the end of the text. */
function distances(sets: readonly Uint8Array[], length: number): Int32Array {
  const far = new Int32Array(256).fill(length);
  for (const [position, bytes] of sets.entries()) for (const byte of bytes) far[byte] = length - 1 - position;
  return far;
}
