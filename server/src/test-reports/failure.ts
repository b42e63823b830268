import type { FailedTest } from '#server/api';
import { readableText } from '../builds/storable.ts';

const MOST_LINES = 30;
const LONGEST_NAME = 500;

/** A failure while its part of the log is read. */
export class Failure {
  file: string | null = null;
  line: number | null = null;
  private isPlaced = false;
  private readonly message: string[] = [];

  constructor(
    readonly name: string,
    readonly outcome: FailedTest['outcome'],
    readonly logLine: number,
  ) {}

  say(text: string): void {
    if (this.message.length < MOST_LINES) this.message.push(text);
  }

  /** `isOwn`: in the test itself, which no other place outweighs. */
  place(file: string, line: number | null, isOwn = false): void {
    if (this.isPlaced && !isOwn) return;
    this.file = file;
    this.line = line;
    this.isPlaced = isOwn;
  }

  /** Forgets what was said: the reason comes later. */
  unsay(): void {
    this.message.length = 0;
  }

  done(): FailedTest {
    const { outcome, file, line, logLine } = this;
    return {
      name: readableText(this.name.slice(0, LONGEST_NAME)),
      outcome,
      file,
      line: line === null || line < 1 ? null : line,
      message: this.message.join('\n'),
      logLine,
    };
  }
}

/** So many of a run are kept: a log can hold very many. */
const MOST_KEPT = 1000;

/** The failures of a run. All are counted. */
export class Failures {
  readonly kept: Failure[] = [];
  private readonly counts = { failed: 0, errored: 0 };

  get isFull(): boolean {
    return this.kept.length === MOST_KEPT;
  }

  add(failure: Failure): void {
    this.counts[failure.outcome] += 1;
    if (!this.isFull) this.kept.push(failure);
  }

  count(outcome: Failure['outcome']): number {
    return this.counts[outcome];
  }
}

/** What one run of a test runner came to. */
export interface TestRun {
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  readonly failures: readonly Failure[];
}
