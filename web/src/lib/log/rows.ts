import { lastAtMost } from './line-index.ts';

/** A run of rows: a step's head (one row), or lines [from, to) of the log. */
export type Segment = { kind: 'head'; step: number } | { kind: 'lines'; from: number; to: number; step: number | null };

/** What stands in one row. `step` is an index into the steps the layout was made from. */
export type Row = { kind: 'head'; step: number } | { kind: 'line'; line: number; step: number | null };

/** The part of a step that places it in a log. */
export interface StepPlace {
  startLine: number;
  endLine: number | null;
}

/** Rows of the viewer over lines of the log: steps' heads between them, folded lines left out. Finding a row or line costs log(segments). */
export class RowLayout {
  readonly count: number;
  private readonly firstRows: number[] = [];

  constructor(private readonly segments: readonly Segment[]) {
    let row = 0;
    for (const segment of segments) {
      this.firstRows.push(row);
      row += segment.kind === 'head' ? 1 : segment.to - segment.from;
    }
    this.count = row;
  }

  rowAt(row: number): Row | null {
    if (row < 0 || row >= this.count) return null;
    const i = lastAtMost(this.firstRows, row);
    const segment = this.segments[i];
    if (!segment) return null;
    if (segment.kind === 'head') return segment;
    return { kind: 'line', line: segment.from + row - (this.firstRows[i] ?? 0), step: segment.step };
  }

  /** The row of a line, or of what stands in its place: the head of the folded step around it, the next line shown. */
  rowOfLine(line: number): number {
    for (const [i, segment] of this.segments.entries()) {
      if (segment.kind === 'lines' && line < segment.to) return (this.firstRows[i] ?? 0) + Math.max(0, line - segment.from);
    }
    return Math.max(0, this.count - 1);
  }

  rowOfHead(step: number): number {
    const i = this.segments.findIndex((segment) => segment.kind === 'head' && segment.step === step);
    return i === -1 ? 0 : (this.firstRows[i] ?? 0);
  }
}

/** The layout of a whole log: each step's head, then its lines unless it is folded; lines of no step where they are. */
export function layOutSteps(steps: readonly StepPlace[], lines: number, isFolded: (step: number) => boolean): RowLayout {
  const segments: Segment[] = [];
  let at = 0;
  for (const [step, place] of steps.entries()) {
    const start = Math.min(Math.max(place.startLine, at), lines);
    const end = Math.min(Math.max(place.endLine ?? lines, start), lines);
    pushLines(segments, at, start, null);
    segments.push({ kind: 'head', step });
    if (!isFolded(step)) pushLines(segments, start, end, step);
    at = end;
  }
  pushLines(segments, at, lines, null);
  return new RowLayout(segments);
}

/** The layout that shows only some lines (ascending), for a filter. */
export function layOutLines(lines: readonly number[]): RowLayout {
  return new RowLayout(lines.map((line) => ({ kind: 'lines', from: line, to: line + 1, step: null })));
}

/** The step around a line; null where it belongs to none. */
export function stepOfLine(steps: readonly StepPlace[], line: number): number | null {
  const found = steps.findIndex((step) => line >= step.startLine && (step.endLine === null || line < step.endLine));
  return found === -1 ? null : found;
}

function pushLines(segments: Segment[], from: number, to: number, step: number | null): void {
  if (to > from) segments.push({ kind: 'lines', from, to, step });
}
