import { CoreError } from '../common/errors.ts';
import { LINE_FEED } from './lines.ts';

/** How many line numbers an answer holds; all are counted. `LogSearch` of server/api says so. */
const MAX_LINES = 10_000;

const NOTHING = 0;
const LINE_END = 1;
const BEGINS = 2;

/** One character of the text looked for, in each of its cases, as UTF-8. */
type Alternatives = readonly Uint8Array[];

/** The lines found so far. */
export interface Found {
  readonly total: number;
  readonly lines: number[];
}

/**
 * Finds the lines of a stream of UTF-8 that contain a text, whatever the case of its letters. Works on bytes; a line that contains it twice counts
 * once. Bytes that are no UTF-8 match nothing and do no harm.
 */
export class LineSearch {
  private readonly characters: readonly Alternatives[];
  /** What a byte may be: nothing of interest, the end of a line, the beginning of the text. */
  private readonly kinds = new Uint8Array(256);
  /** The most bytes that a match takes. */
  private readonly longest: number;
  private rest: Uint8Array = new Uint8Array(0);
  private line = 0;
  /** The current line is counted already. */
  private counted = false;
  private total = 0;
  private readonly lines: number[] = [];

  /** Throws `invalid` for a text that no line can contain: an empty one, or one with a line feed. */
  constructor(text: string) {
    if (text === '' || text.includes('\n'))
      throw new CoreError('invalid', 'The text to search for must not be empty and must not contain a line feed.');
    this.characters = Array.from(text, casesOf);
    this.longest = this.characters.reduce((sum, alternatives) => sum + Math.max(...alternatives.map((bytes) => bytes.length)), 0);
    this.kinds[LINE_FEED] = LINE_END;
    for (const bytes of this.characters[0] ?? []) this.kinds[bytes[0] ?? 0] = BEGINS;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const until = Math.max(0, bytes.length - this.longest + 1);
    this.scan(bytes, until);
    this.rest = bytes.slice(until);
  }

  /** The stream ends here: gives what was found. */
  end(): Found {
    this.scan(this.rest, this.rest.length);
    this.rest = new Uint8Array(0);
    return { total: this.total, lines: this.lines };
  }

  /** Looks at each place before `until`; a match may reach beyond. */
  private scan(bytes: Uint8Array, until: number): void {
    const { kinds } = this;
    for (let at = 0; at < until; at += 1) {
      const kind = kinds[bytes[at] ?? 0];
      if (kind === NOTHING) continue;
      if (kind === LINE_END) this.nextLine();
      else if (!this.counted && this.matches(bytes, at)) this.count();
    }
  }

  private nextLine(): void {
    this.line += 1;
    this.counted = false;
  }

  private count(): void {
    this.counted = true;
    this.total += 1;
    if (this.lines.length < MAX_LINES) this.lines.push(this.line);
  }

  private matches(bytes: Uint8Array, from: number): boolean {
    let at = from;
    for (const alternatives of this.characters) {
      const length = lengthOfMatch(alternatives, bytes, at);
      if (length === 0) return false;
      at += length;
    }
    return true;
  }
}

/** UTF-8 has no character that begins another: at most one of the alternatives fits. */
function lengthOfMatch(alternatives: Alternatives, bytes: Uint8Array, from: number): number {
  for (const wanted of alternatives) {
    let same = 0;
    while (same < wanted.length && bytes[from + same] === wanted[same]) same += 1;
    if (same === wanted.length) return same;
  }
  return 0;
}

/** A character in lower and upper case; only forms of one character, so `ß` is not found as `SS`. */
function casesOf(character: string): Alternatives {
  const forms = [character, character.toLowerCase(), character.toUpperCase()].filter((form) => Array.from(form).length === 1);
  return [...new Set(forms)].map((form) => Buffer.from(form, 'utf8'));
}
