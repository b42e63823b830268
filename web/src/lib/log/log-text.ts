import { collapseProgress, parseAnsi, PLAIN, stripAnsi, type AnsiSpan, type AnsiStyle } from './ansi.ts';
import { findBreaks } from './line-index.ts';

/** Characters of a line that are drawn at first; a reader may ask for more. */
export const LINE_LIMIT = 8_000;
/** Bytes of a line beyond which it is not looked at to find its style's end: styles never span megabytes. */
const STYLE_SCAN_LIMIT = 64 * 1024;
const CARRIAGE_RETURN = 13;

const decoder = new TextDecoder('utf-8');

/** One line, ready to be drawn. `bytes` is its length in the part that is loaded. */
export interface TextLine {
  spans: AnsiSpan[];
  bytes: number;
  /** Characters that exist (as far as loaded) but are not in `spans`. */
  hidden: number;
  /** The line goes on beyond what is loaded. */
  isPartial: boolean;
}

/** The lines of one block of a log, decoded when asked for. Bytes that are no UTF-8 become U+FFFD. */
export class BlockText {
  private readonly starts: number[];
  private readonly styles: AnsiStyle[] = [PLAIN];
  private readonly lines = new Map<number, TextLine>();

  /** `isWhole`: the bytes reach the block's end. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly isWhole: boolean,
  ) {
    this.starts = [0, ...findBreaks(bytes).map((place) => place + 1)].filter((start) => start < bytes.length);
  }

  /** How many lines begin in the loaded bytes. */
  get count(): number {
    return this.starts.length;
  }

  /** A line by its place in the block; null if it does not begin in what is loaded. */
  line(i: number, limit = LINE_LIMIT): TextLine | null {
    const known = limit === LINE_LIMIT ? this.lines.get(i) : undefined;
    if (known) return known;
    if (i < 0 || i >= this.starts.length) return null;
    const line = this.read(i, limit);
    if (limit === LINE_LIMIT) this.lines.set(i, line);
    return line;
  }

  /** A line's text as it is copied: no escapes, no progress states. */
  plain(i: number): string {
    return stripAnsi(collapseProgress(this.decode(i, Infinity).text));
  }

  private read(i: number, limit: number): TextLine {
    const { text, cut } = this.decode(i, limit);
    const shown = collapseProgress(text);
    const kept = shown.slice(0, limit);
    const { spans } = parseAnsi(kept, this.styleAt(i));
    const isLast = i === this.starts.length - 1;
    return { spans, bytes: this.lengthOf(i), hidden: cut + shown.length - kept.length, isPartial: isLast && !this.isWhole };
  }

  /** Decodes at most what `limit` characters can need: 4 bytes each, and room for escapes and progress states. */
  private decode(i: number, limit: number): { text: string; cut: number } {
    const start = this.starts[i] ?? 0;
    const length = this.lengthOf(i);
    const wanted = Math.min(length, Math.max(limit * 4, STYLE_SCAN_LIMIT));
    const text = decoder.decode(this.bytes.subarray(start, start + wanted));
    return { text: wanted === length ? text.replace(/\r+$/, '') : text, cut: length - wanted };
  }

  private lengthOf(i: number): number {
    const start = this.starts[i] ?? 0;
    const next = this.starts[i + 1];
    let end = next === undefined ? this.bytes.length : next - 1;
    if (next === undefined && this.bytes[end - 1] === 10) end -= 1;
    while (end > start && this.bytes[end - 1] === CARRIAGE_RETURN) end -= 1;
    return end - start;
  }

  /** The style in force where a line begins, carried from the block's beginning. */
  private styleAt(i: number): AnsiStyle {
    for (let line = this.styles.length - 1; line < i; line += 1) {
      const before = this.styles[line] ?? PLAIN;
      const start = this.starts[line] ?? 0;
      const bytes = this.bytes.subarray(start, start + Math.min(this.lengthOf(line), STYLE_SCAN_LIMIT));
      this.styles.push(bytes.includes(0x1b) ? parseAnsi(decoder.decode(bytes), before).end : before);
    }
    return this.styles[i] ?? PLAIN;
  }
}
