import type { LogPosition } from '../logs/types.ts';

interface Piece {
  readonly spoolStart: number;
  readonly chunk: Uint8Array;
  readonly before: LogPosition;
  readonly after: LogPosition;
}

/** How many chunks are remembered: an event is read at most a few after its place in the output. */
const REMEMBERED = 8;
const LINE_FEED = 10;

/**
 * Tells where in the stored log a place of the spool is. The two differ where a secret was masked; and an event may be read a little later
 * than the output around it, so the last chunks are remembered.
 */
export class SpoolPlaces {
  private readonly pieces: Piece[] = [];

  note(chunk: Uint8Array, spoolStart: number, before: LogPosition, after: LogPosition): void {
    this.pieces.push({ spoolStart, chunk, before, after });
    if (this.pieces.length > REMEMBERED) this.pieces.shift();
  }

  /** The place of `spoolOffset`, exact where nothing was masked in its chunk; `end` (where the log stands now) for what nothing is known of. */
  find(spoolOffset: number, end: LogPosition): LogPosition {
    const piece = this.pieces.findLast((other) => other.spoolStart <= spoolOffset);
    if (!piece) return this.pieces[0]?.before ?? end;
    const inside = Math.min(spoolOffset - piece.spoolStart, piece.chunk.length);
    if (inside === piece.chunk.length) return piece.after;
    const offset = Math.min(piece.before.offset + inside, piece.after.offset);
    return { offset, line: Math.min(piece.before.line + countLines(piece.chunk.subarray(0, inside)), piece.after.line) };
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
