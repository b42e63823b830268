import { type AgentBundle, type AgentEvent, BEAT_INTERVAL_MS, parseAgentEvent } from '#agents/api';
import { isPluginError, PluginError, type Session } from '#plugins/api';

/** Where what is read from a spool goes. Calls never overlap. */
export interface SpoolSink {
  /** How much of `output` has been taken, in bytes; reading begins there. */
  readonly spoolOffset: number;
  /** The next bytes of output. */
  append(chunk: Uint8Array): Promise<void>;
  /** An event, after all output before its offset. After a resume, events come again from the first. */
  event(event: Exclude<AgentEvent, { type: 'end' | 'beat' }>): Promise<void>;
}

/** The agent's own last word. */
export type AgentEnd = Extract<AgentEvent, { type: 'end' }>;

/** Silence of the agent itself after which it is given up. */
const LOST_AFTER_MS = 3 * BEAT_INTERVAL_MS + 5_000;
/** How long output that an `end` promises may take to arrive. */
const STRAGGLE_MS = 10_000;
const MAX_EVENT_LINE = 4096;

/**
 * Follows both files of a spool to the agent's end. Throws `unavailable` if the connection breaks (call again: it goes on from
 * `sink.spoolOffset`), `rejected` if the agent stopped answering or its spool contradicts itself, or the signal's reason.
 */
export async function followSpool(session: Session, bundle: AgentBundle, sink: SpoolSink, signal: AbortSignal): Promise<AgentEnd> {
  return await new SpoolFollower(session, bundle, sink, signal).run();
}

class SpoolFollower {
  private readonly stop = new AbortController();
  private readonly pending: AgentEvent[] = [];
  private end: AgentEnd | null = null;
  private lastWord = Date.now();
  private partialLine = '';
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session,
    private readonly bundle: AgentBundle,
    private readonly sink: SpoolSink,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<AgentEnd> {
    this.signal.throwIfAborted();
    const forward = (): void => this.stop.abort(this.signal.reason);
    this.signal.addEventListener('abort', forward, { once: true });
    const watch = setInterval(() => this.watch(), 1000);
    try {
      // Either pump ends only with a reason: the agent's end, a broken connection, or silence.
      await Promise.all([this.pump(this.pumpOutput()), this.pump(this.pumpEvents())]);
    } finally {
      clearInterval(watch);
      this.signal.removeEventListener('abort', forward);
    }
    this.signal.throwIfAborted();
    if (this.complete()) return this.end as AgentEnd;
    throw this.stop.signal.reason;
  }

  private async pump(work: Promise<void>): Promise<void> {
    try {
      await work;
      if (!this.stop.signal.aborted) this.stop.abort(new PluginError('unavailable', 'the machine stopped sending'));
    } catch (error) {
      if (!this.stop.signal.aborted) this.stop.abort(explainLoss(error));
    }
  }

  private async pumpOutput(): Promise<void> {
    for await (const chunk of this.session.follow(this.bundle.output, this.sink.spoolOffset, this.stop.signal)) {
      this.lastWord = Date.now();
      await this.inTurn(() => this.takeOutput(chunk));
    }
  }

  private async pumpEvents(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.session.follow(this.bundle.events, 0, this.stop.signal)) {
      this.lastWord = Date.now();
      await this.inTurn(() => this.takeEvents(decoder.decode(chunk, { stream: true })));
    }
  }

  /** Both pumps feed the sink; one at a time. */
  private async inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    await mine;
  }

  private async takeOutput(chunk: Uint8Array): Promise<void> {
    const room = this.end === null ? chunk.length : Math.max(0, this.end.offset - this.sink.spoolOffset);
    if (room > 0) await this.sink.append(chunk.subarray(0, room));
    await this.settle();
  }

  private async takeEvents(text: string): Promise<void> {
    const lines = (this.partialLine + text).split('\n');
    this.partialLine = (lines.pop() ?? '').slice(0, MAX_EVENT_LINE);
    for (const line of lines) {
      const event = parseAgentEvent(line);
      if (event !== null && this.end === null) this.note(event);
    }
    await this.settle();
  }

  private note(event: AgentEvent): void {
    if (event.type === 'beat') return;
    if (event.type !== 'end') {
      this.pending.push(event);
      return;
    }
    this.end = event;
    // The job can write to the file: nothing that claims to come after the end may hold it up.
    const honest = this.pending.filter((other) => other.offset <= event.offset);
    this.pending.splice(0, this.pending.length, ...honest);
  }

  private async settle(): Promise<void> {
    for (let event = this.pending[0]; event && event.offset <= this.sink.spoolOffset; event = this.pending[0]) {
      this.pending.shift();
      if (event.type !== 'beat' && event.type !== 'end') await this.sink.event(event);
    }
    if (this.complete()) this.stop.abort();
  }

  private complete(): boolean {
    return this.end !== null && this.sink.spoolOffset >= this.end.offset;
  }

  private watch(): void {
    const quiet = Date.now() - this.lastWord;
    if (this.end !== null && quiet > STRAGGLE_MS)
      this.stop.abort(new PluginError('rejected', 'the log ends before the place the agent names: the job altered its spool'));
    else if (quiet > LOST_AFTER_MS)
      this.stop.abort(
        new PluginError('rejected', `the agent has been silent for ${Math.round(quiet / 1000)} s: the job ended it, or the machine stands still`),
      );
  }
}

/** The agent made both files before it was followed: where one is missing, shorter than it was, or no file, the job did that. */
function explainLoss(error: unknown): unknown {
  if (!isPluginError(error, 'not-found') && !isPluginError(error, 'invalid')) return error;
  return new PluginError('rejected', `the job removed or altered the agent's files: ${error.message}`, { cause: error });
}
