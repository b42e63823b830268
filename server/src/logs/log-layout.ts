import { crc32 } from 'node:zlib';
import type { JournalRecord } from './journal.ts';
import { countLines, LINE_FEED } from './lines.ts';
import type { Piece } from './masker.ts';

/** A line that starts this far after the last record gets one. Bytes. */
const RECORD_BYTES = 64 * 1024;
/** Within a line there is a record this far after the last one. Bytes. */
const LONG_LINE_BYTES = 2 * RECORD_BYTES;
/** A line that arrives this long after the last record gets one. Milliseconds. */
const RECORD_MS = 200;

/** Where the log's end is, and what stands there. */
export interface LayoutEnd {
  readonly offset: number;
  readonly line: number;
  readonly lineStart: boolean;
}

/** How many lines end or begin before `end`: a last, unfinished one counts once it has a byte. */
export function linesOf({ line, lineStart }: LayoutEnd): number {
  return lineStart ? line : line + 1;
}

/** Follows what is written to a log: counts bytes and lines, and says where records belong. Does no I/O. */
export class LogLayout {
  private offset: number;
  private line: number;
  private lineStart: boolean;
  private last: JournalRecord | null;
  private crc = 0;

  /** Goes on after `last`, the last record of the journal; null: the log is empty. */
  constructor(last: JournalRecord | null) {
    this.last = last;
    this.offset = last?.logOffset ?? 0;
    this.line = last?.line ?? 0;
    this.lineStart = last?.lineStart ?? true;
  }

  end(): LayoutEnd {
    return { offset: this.offset, line: this.line, lineStart: this.lineStart };
  }

  /** The log gets longer by `piece`, which arrived at `atMs`. Gives the records that belong within it, each before the byte it names. */
  add(piece: Piece, atMs: number): JournalRecord[] {
    const records: JournalRecord[] = [];
    const at = Math.max(atMs, this.last?.atMs ?? atMs);
    let done = 0;
    while (done < piece.bytes.length) {
      if (this.isDue(at)) records.push(this.record(piece.start + done, at, false));
      const next = piece.kept ? this.nextCut(piece.bytes, done, at) : piece.bytes.length;
      this.advance(piece.bytes.subarray(done, next));
      done = next;
    }
    return records;
  }

  /** The record that says that the log is complete. */
  complete(spoolOffset: number, atMs: number): JournalRecord {
    return this.record(spoolOffset, Math.max(atMs, this.last?.atMs ?? atMs), true);
  }

  private isDue(at: number): boolean {
    if (this.last === null) return true;
    const gap = this.offset - this.last.logOffset;
    if (!this.lineStart) return gap >= LONG_LINE_BYTES;
    return gap >= RECORD_BYTES || (gap > 0 && at - this.last.atMs >= RECORD_MS);
  }

  private record(spoolOffset: number, atMs: number, complete: boolean): JournalRecord {
    const { offset: logOffset, line, lineStart, crc } = this;
    this.last = { logOffset, spoolOffset, line, atMs, lineStart, complete, crc };
    this.crc = 0;
    return this.last;
  }

  /** Where in `bytes`, after `from`, a record may be due next: behind the first line feed that is far or late enough, or within a long line. */
  private nextCut(bytes: Uint8Array, from: number, at: number): number {
    const gap = this.offset - (this.last?.logOffset ?? 0);
    const late = at - (this.last?.atMs ?? at) >= RECORD_MS;
    const search = late ? from : from + Math.max(RECORD_BYTES - gap - 1, 0);
    const limit = Math.min(bytes.length, from + Math.max(LONG_LINE_BYTES - gap, 1));
    if (search >= limit) return limit;
    const lineFeed = bytes.subarray(search, limit).indexOf(LINE_FEED);
    return lineFeed === -1 ? limit : search + lineFeed + 1;
  }

  private advance(bytes: Uint8Array): void {
    this.crc = crc32(bytes, this.crc);
    this.offset += bytes.length;
    this.line += countLines(bytes);
    this.lineStart = bytes.at(-1) === LINE_FEED;
  }
}
