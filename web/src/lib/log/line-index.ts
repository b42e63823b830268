import type { LogIndex } from '#server/api';

/** Blocks are at least this long (bytes), unless the log is shorter: closer entries of the index are only used for times. */
const BLOCK_BYTES = 32 * 1024;
/** Times closer than this (milliseconds) to the one before are not kept while a log grows. */
const TIME_STEP = 250;
const NEWLINE = 10;

/** A piece of the log that begins at a line's beginning: lines [firstLine, endLine), bytes [start, end). */
export interface BlockPlace {
  start: number;
  end: number;
  firstLine: number;
  endLine: number;
}

/**
 * Where lines of one log are, sparsely, and when they came. Lines and bytes count from 0. Grows with the log: it learns line
 * beginnings from the bytes it is shown, so a viewer that follows never asks for the index again.
 */
export class LineIndex {
  size = 0;
  lines = 0;
  complete = false;
  private readonly blockLines: number[] = [0];
  private readonly blockOffsets: number[] = [0];
  private readonly timeLines: number[] = [];
  private readonly times: number[] = [];

  constructor(index: LogIndex) {
    for (const [line, offset, at] of index.entries) {
      this.noteTime(line, at, 0);
      this.noteStart(line, offset);
    }
    this.size = index.size;
    this.lines = index.lines;
    this.complete = index.complete;
  }

  /** The block that holds a line; null for a line that is not there. */
  blockOfLine(line: number): BlockPlace | null {
    if (line < 0 || line >= this.lines) return null;
    return this.blockAt(lastAtMost(this.blockLines, line));
  }

  /** All blocks from the one that begins at or before byte `offset` to the end. */
  blocksFrom(offset: number): BlockPlace[] {
    const first = lastAtMost(this.blockOffsets, offset);
    return this.blockOffsets.slice(first).map((_, i) => this.blockAt(first + i));
  }

  /** When a line arrived, in milliseconds since 1970: the time of the piece it came in. Null where none is known. */
  timeOfLine(line: number): number | null {
    return this.times[lastAtMost(this.timeLines, line)] ?? null;
  }

  /**
   * The log has grown to `size` bytes and `lines` lines; `bytes` are its last ones. The number of each line that begins in
   * them follows from `lines`, so nothing before them need be known.
   */
  grow(bytes: Uint8Array, size: number, lines: number, at: number): void {
    const offset = size - bytes.length;
    const breaks = findBreaks(bytes);
    const isEnded = bytes.length > 0 && bytes.at(-1) === NEWLINE;
    const firstBegun = (isEnded ? lines : lines - 1) - breaks.length + 1;
    for (const [i, place] of breaks.entries()) {
      const start = offset + place + 1;
      if (start < size) this.noteStart(firstBegun + i, start);
    }
    // A chunk that begins a line is timed from that line; one that continues a line from the next.
    this.noteTime(offset === this.size && this.lines < lines ? this.lines : firstBegun, at, TIME_STEP);
    this.size = size;
    this.lines = lines;
  }

  private blockAt(i: number): BlockPlace {
    return {
      start: this.blockOffsets[i] ?? 0,
      end: this.blockOffsets[i + 1] ?? this.size,
      firstLine: this.blockLines[i] ?? 0,
      endLine: this.blockLines[i + 1] ?? this.lines,
    };
  }

  private noteStart(line: number, offset: number): void {
    if (offset - (this.blockOffsets.at(-1) ?? 0) < BLOCK_BYTES) return;
    this.blockLines.push(line);
    this.blockOffsets.push(offset);
  }

  private noteTime(line: number, at: number, step: number): void {
    if (line <= (this.timeLines.at(-1) ?? -1) || at - (this.times.at(-1) ?? -Infinity) < step) return;
    this.timeLines.push(line);
    this.times.push(at);
  }
}

/** The places of line breaks in some bytes. */
export function findBreaks(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) places.push(at);
  return places;
}

/** The index of the last of some ascending numbers that is at most `value`; 0 if there is none. */
export function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
