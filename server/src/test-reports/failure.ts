import type { FailedTest } from '#server/api';
import { readableText } from '../builds/storable.ts';

const MOST_LINES = 30;
const LONGEST_MESSAGE = 1500;
const LONGEST_NAME = 500;
/** No file has more lines; what says so was made up. */
const LAST_LINE = 10_000_000;

/** A failure while its part of the log is read. */
export class Failure {
  file: string | null = null;
  line: number | null = null;
  private readonly message: string[] = [];
  private length = 0;
  /** Placed by the test's own frame. */
  private isOwnPlace = false;

  constructor(
    readonly name: string,
    readonly outcome: FailedTest['outcome'],
    readonly logLine: number | null,
  ) {}

  say(text: string): void {
    if (this.message.length === MOST_LINES || this.length >= LONGEST_MESSAGE) return;
    this.message.push(text);
    this.length += text.length;
  }

  /** `isOwn`: in the test itself, which no other place outweighs. */
  place(file: string, line: number | null, isOwn = false): void {
    if (this.isOwnPlace && !isOwn) return;
    this.file = file;
    this.line = line;
    this.isOwnPlace = isOwn;
  }

  /** Forgets what was said: the reason comes later. */
  unsay(): void {
    this.message.length = 0;
    this.length = 0;
  }

  /** Another exception came of the one that was told of until now. */
  goOn(): void {
    this.unsay();
    this.file = null;
    this.line = null;
    this.isOwnPlace = false;
  }

  done(): FailedTest {
    const { outcome, file, line, logLine } = this;
    return {
      name: readableText(this.name.slice(0, LONGEST_NAME)),
      outcome,
      file,
      line: line !== null && line >= 1 && line <= LAST_LINE ? line : null,
      message: readableText(this.message.join('\n').slice(0, LONGEST_MESSAGE)),
      logLine,
    };
  }
}

/** Orders failures as the log tells of them. */
export function byLine(one: Failure, other: Failure): number {
  return (one.logLine ?? 0) - (other.logLine ?? 0);
}
