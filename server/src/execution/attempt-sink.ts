import type { AgentEvent, AgentStep } from '#agents/api';
import type { LogEvent, StepView } from '#server/api';
import type { LogWriter } from '../logs/types.ts';
import type { SpoolSink } from './follow-spool.ts';
import { SpoolPlaces } from './spool-places.ts';
import type { StepRecord } from './step-book.ts';

/** What an attempt's output and steps are told to. */
export interface SinkTargets {
  /** Whether pieces of the log may go out with their events: only where nothing is masked, because events carry what came, not what was stored. */
  readonly inline: boolean;
  readonly step: (record: StepRecord) => void;
  readonly log: (event: LogEvent) => void;
}

/** A piece of log that goes to viewers with the event itself; more they fetch. */
const INLINE_BYTES = 16 * 1024;
/** How far a machine's clock may be off before the server's own is taken instead. */
const CLOCK_TRUST_MS = 10 * 60_000;

/** Takes one attempt's spool: output to its log, events to its steps. */
export class AttemptSink implements SpoolSink {
  private readonly places = new SpoolPlaces();
  private readonly open = new Map<number, StepRecord>();
  private steps: readonly AgentStep[] = [];

  constructor(
    private readonly attempt: { readonly attemptId: number; readonly jobId: number; readonly number: number },
    private readonly writer: LogWriter,
    private readonly targets: SinkTargets,
  ) {}

  get spoolOffset(): number {
    return this.writer.spoolOffset;
  }

  /** Names the steps, once the agent's bundle is made. */
  name(steps: readonly AgentStep[]): void {
    this.steps = steps;
  }

  async append(chunk: Uint8Array): Promise<void> {
    const before = this.writer.position();
    const start = this.writer.spoolOffset;
    const at = Date.now();
    await this.writer.append(chunk, at);
    const after = this.writer.position();
    this.places.note(chunk, start, before, after);
    this.tell(at, after, before.offset, chunk);
  }

  event(event: Extract<AgentEvent, { type: 'step' | 'done' }>): Promise<void> {
    if (event.type === 'step') this.begin(event);
    else this.done(event);
    return Promise.resolve();
  }

  /** The log is whole: tells viewers, with whatever had been held back. */
  finished(): void {
    const end = this.writer.position();
    this.targets.log({ ...this.logEvent(Date.now(), end), complete: true });
  }

  private begin(event: Extract<AgentEvent, { type: 'step' }>): void {
    const step = this.steps[event.step];
    if (step === undefined || this.open.has(event.step)) return;
    const place = this.places.find(event.offset, this.writer.position());
    this.keep({
      attemptId: this.attempt.attemptId,
      index: event.step,
      phase: step.phase,
      title: step.title,
      startedAt: moment(event.at),
      finishedAt: null,
      exitCode: null,
      startOffset: place.offset,
      endOffset: null,
      startLine: place.line,
      endLine: null,
      spoolOffset: event.offset,
    });
  }

  private done(event: Extract<AgentEvent, { type: 'done' }>): void {
    const step = this.open.get(event.step);
    if (step === undefined || step.finishedAt !== null) return;
    const place = this.places.find(event.offset, this.writer.position());
    this.keep({
      ...step,
      finishedAt: moment(event.at),
      exitCode: event.exitCode,
      endOffset: place.offset,
      endLine: place.line,
      spoolOffset: event.offset,
    });
  }

  private keep(record: StepRecord): void {
    this.open.set(record.index, record);
    this.targets.step(record);
  }

  private tell(at: number, after: { offset: number; line: number }, offset: number, chunk: Uint8Array): void {
    const event = this.logEvent(at, after);
    this.targets.log(this.targets.inline && chunk.length <= INLINE_BYTES ? { ...event, offset, data: chunk } : event);
  }

  private logEvent(at: number, after: { offset: number; line: number }): LogEvent {
    return { jobId: this.attempt.jobId, attempt: this.attempt.number, size: after.offset, lines: this.writer.lines, at, complete: false };
  }
}

/** A record as clients see it. */
export function stepView(record: StepRecord): StepView {
  const { attemptId: _attempt, spoolOffset: _spool, ...view } = record;
  return view;
}

function moment(at: number): string {
  const now = Date.now();
  return new Date(Math.abs(at - now) > CLOCK_TRUST_MS && at > now ? now : at).toISOString();
}
