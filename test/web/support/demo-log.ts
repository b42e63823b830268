import type { LogIndex, LogSearch, StepView } from '#server/api';

const STEP_BYTES = 64 * 1024;

/** A log in memory, with its sparse index as the server keeps it. */
export class DemoLog {
  bytes = Buffer.alloc(0);
  lines = 0;
  complete = false;
  readonly steps: StepView[] = [];
  private readonly entries: [number, number, number][] = [];
  private lastEntry = -Infinity;

  /** Appends text that ends a line. */
  append(text: string, at: number): void {
    this.appendBytes(Buffer.from(text), at);
  }

  appendBytes(added: Buffer, at: number): void {
    if (added.length === 0) return;
    let start = this.bytes.length;
    let line = this.lines;
    this.bytes = Buffer.concat([this.bytes, added]);
    while (start < this.bytes.length) {
      if (start - this.lastEntry >= STEP_BYTES || this.entries.length === 0) {
        this.entries.push([line, start, at]);
        this.lastEntry = start;
      }
      const end = this.bytes.indexOf(10, start);
      start = end === -1 ? this.bytes.length : end + 1;
      line += 1;
    }
    this.lines = line;
  }

  /** Begins a step here; its end is set by `endStep`. */
  startStep(phase: string, title: string, at: number): void {
    this.steps.push({
      index: this.steps.length,
      phase,
      title,
      startedAt: new Date(at).toISOString(),
      finishedAt: null,
      exitCode: null,
      startOffset: this.bytes.length,
      endOffset: null,
      startLine: this.lines,
      endLine: null,
    });
  }

  endStep(exitCode: number, at: number): void {
    const step = this.steps.at(-1);
    if (step) Object.assign(step, { exitCode, finishedAt: new Date(at).toISOString(), endOffset: this.bytes.length, endLine: this.lines });
  }

  index(): LogIndex {
    return { attempt: 1, size: this.bytes.length, lines: this.lines, complete: this.complete, entries: this.entries };
  }

  search(query: string): LogSearch {
    const wanted = query.toLowerCase();
    const lines: number[] = [];
    let total = 0;
    for (const [line, text] of this.bytes.toString('latin1').toLowerCase().split('\n').entries()) {
      if (!text.includes(wanted)) continue;
      total += 1;
      if (lines.length < 10_000) lines.push(line);
    }
    return { total, lines, complete: true };
  }
}
