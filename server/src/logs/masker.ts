import { Automaton, ROOT } from './automaton.ts';
import { PREFIX_LENGTH, PrefixScanner } from './prefix-scanner.ts';

/** How much of a chunk is joined to the bytes held back before it. */
const SEAM_LENGTH = 64;

/** What stands in a log for a secret. */
export const PLACEHOLDER: Uint8Array = Buffer.from('[secure]');

/**
 * A piece of masked output. `start` is the place in the input that it comes from. `kept` says whether `bytes` are the input's own; otherwise they
 * are the placeholder. A fresh masker that begins at a piece's start, or anywhere within a kept piece, gives the same output from there on.
 */
export interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly kept: boolean;
}

interface Span {
  start: number;
  end: number;
}

/**
 * Replaces patterns in a stream of bytes. Every byte that belongs to an occurrence of any pattern goes; occurrences that overlap become one
 * placeholder. The output depends on the bytes alone, never on how they were cut into chunks.
 */
export class Masker {
  private readonly automaton: Automaton;
  private readonly scanner: PrefixScanner;
  private state = ROOT;
  /** Input bytes that may belong to a pattern that is not complete yet; they begin at `cursor`. Empty or as long as the state is deep. */
  private held: Uint8Array = new Uint8Array(0);
  /** Occurrences in the held bytes, in order, not overlapping. */
  private spans: Span[] = [];
  /** Everything before is decided. */
  private cursor: number;
  /** Where the occurrence ends whose placeholder was given last. */
  private coveredTo: number;

  /** `patterns` are at least `PREFIX_LENGTH` bytes long each; `start` is the place in the input where the first chunk begins. */
  constructor(patterns: readonly Uint8Array[], start: number) {
    this.automaton = new Automaton(patterns);
    this.scanner = new PrefixScanner(patterns);
    this.cursor = start;
    this.coveredTo = start;
  }

  /** How many bytes of the input are held back: the longest end of it that begins a pattern. */
  get heldBytes(): number {
    return this.held.length;
  }

  /** Takes the next bytes and gives what is decided by now. Pieces may share memory with `chunk`. */
  push(chunk: Uint8Array): Piece[] {
    if (this.held.length === 0) return this.take(chunk, 0);
    // Only the seam is copied: what is held back after it lies within the chunk, nearly always.
    const seam = Math.min(chunk.length, SEAM_LENGTH);
    const pieces = this.take(Buffer.concat([this.held, chunk.subarray(0, seam)]), this.held.length);
    const held = this.held.length;
    if (held <= seam) return [...pieces, ...this.take(chunk.subarray(seam - held), held)];
    return [...pieces, ...this.take(Buffer.concat([this.held, chunk.subarray(seam)]), held)];
  }

  /** The input ends: gives what was held back. */
  end(): Piece[] {
    const bytes = this.held;
    this.held = new Uint8Array(0);
    this.state = ROOT;
    return this.decide(bytes, bytes.length);
  }

  /** Takes bytes that begin at the cursor, of which the first `known` have been searched already. */
  private take(bytes: Uint8Array, known: number): Piece[] {
    this.search(bytes, known);
    this.state = this.automaton.settle(this.state);
    const count = bytes.length - (this.automaton.depth[this.state] ?? 0);
    const pieces = this.decide(bytes, count);
    this.held = Buffer.from(bytes.subarray(count));
    return pieces;
  }

  /** Reads `bytes` from `from` on, notes the occurrences and leaves the state as it is at the end. */
  private search(bytes: Uint8Array, from: number): void {
    let at = from;
    while (at < bytes.length) {
      if (this.state === ROOT) at = this.scanner.find(bytes, at);
      at = this.follow(bytes, at);
    }
  }

  /**
   * Steps through the automaton from `from` until so little is matched that the scanner is faster, or to the end. Gives where to go on: as the
   * matched bytes then are read again, that lies after `from`, but not always after all that was read.
   */
  private follow(bytes: Uint8Array, from: number): number {
    const { automaton } = this;
    let depth = automaton.depth[this.state] ?? 0;
    for (let at = from; at < bytes.length; at += 1) {
      this.state = automaton.next(this.state, bytes[at] ?? 0);
      const matched = automaton.match[this.state] ?? 0;
      if (matched > 0) this.note(this.cursor + at + 1 - matched, this.cursor + at + 1);
      const before = depth;
      depth = automaton.depth[this.state] ?? 0;
      if (depth <= before && depth < PREFIX_LENGTH) {
        this.state = ROOT;
        return at + 1 - depth;
      }
    }
    return bytes.length;
  }

  /** An occurrence was found. They come with rising ends, but a longer one may begin before those noted already. */
  private note(start: number, end: number): void {
    let from = start;
    for (let last = this.spans.at(-1); last !== undefined && last.end > from; last = this.spans.at(-1)) {
      from = Math.min(from, last.start);
      this.spans.pop();
    }
    if (from < this.coveredTo) this.coveredTo = end;
    else this.spans.push({ start: from, end });
  }

  /** Gives the pieces of the first `count` bytes; `bytes` begin at the cursor. */
  private decide(bytes: Uint8Array, count: number): Piece[] {
    const origin = this.cursor;
    const until = origin + count;
    const pieces: Piece[] = [];
    const keep = (end: number): void => {
      const start = Math.max(this.cursor, this.coveredTo);
      if (end > start) pieces.push({ start, bytes: bytes.subarray(start - origin, end - origin), kept: true });
      this.cursor = end;
    };
    const decided = this.spans.findIndex((span) => span.start >= until);
    for (const span of this.spans.splice(0, decided === -1 ? this.spans.length : decided)) {
      keep(span.start);
      pieces.push({ start: span.start, bytes: PLACEHOLDER, kept: false });
      this.coveredTo = span.end;
    }
    keep(until);
    return pieces;
  }
}
