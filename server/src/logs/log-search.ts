import { CoreError } from '../common/errors.ts';
import { characterLength, FoldedText } from './folded-text.ts';
import { LINE_FEED } from './lines.ts';
import { TextMatcher } from './text-matcher.ts';

/** How many line numbers an answer holds; all are counted. `LogSearch` of server/api says so. */
const MAX_LINES = 10_000;

/** The lines found so far. */
export interface Found {
  readonly total: number;
  readonly lines: readonly number[];
}

/**
 * Finds the lines of a stream of UTF-8 that contain a text, whatever the case of its letters. Takes time in proportion to the stream alone, whatever the text: both are a
 * stranger's. A line that contains it twice counts once. Bytes that are no UTF-8 match nothing and do no harm.
 */
export class LineSearch {
  private readonly text: FoldedText;
  private readonly matcher: TextMatcher;
  /** By byte: 1 where it cannot be passed over while nothing is found. */
  private readonly matters: Uint8Array;
  /** The beginning of a character. */
  private rest: Uint8Array = new Uint8Array(0);
  /** The number of the line that comes next. */
  private line = 0;
  /** That line is counted already. */
  private counted = false;
  private total = 0;
  private readonly lines: number[] = [];

  /** Throws `invalid` for a text that no line can contain: an empty one, or one with a line feed. */
  constructor(text: string) {
    if (text === '' || text.includes('\n')) throw new CoreError('invalid', 'Search for a text that is not empty and has no line feed in it.');
    this.text = new FoldedText(text);
    this.matcher = new TextMatcher(this.text.letters);
    this.matters = Uint8Array.from(this.text.begins);
    this.matters[LINE_FEED] = 1;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = this.next(bytes, 0);
    while (at < bytes.length) {
      const length = characterLength(bytes, at);
      if (length === 0) break;
      this.take(bytes, at, length);
      at = this.next(bytes, at + length);
    }
    this.rest = bytes.slice(at);
  }

  /** The stream ends here: gives what was found. */
  end(): Found {
    return { total: this.total, lines: this.lines };
  }

  /** The next place from `from` on where there is something to do. */
  private next(bytes: Uint8Array, from: number): number {
    if (this.counted) return lineEnd(bytes, from);
    if (!this.matcher.isIdle) return from;
    const { matters } = this;
    let at = from;
    while (at < bytes.length && matters[bytes[at] ?? 0] === 0) at += 1;
    return at;
  }

  private take(bytes: Uint8Array, at: number, length: number): void {
    if (bytes[at] === LINE_FEED) {
      this.line += 1;
      this.counted = false;
      this.matcher.reset();
      return;
    }
    for (const letter of this.text.lettersAt(bytes, at, length)) if (!this.counted && this.matcher.take(letter)) this.count();
  }

  private count(): void {
    this.counted = true;
    this.total += 1;
    if (this.lines.length < MAX_LINES) this.lines.push(this.line);
  }
}

/** Where the next line feed is; the end if there is none. */
function lineEnd(bytes: Uint8Array, from: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, from);
  return lineFeed === -1 ? bytes.length : lineFeed;
}
