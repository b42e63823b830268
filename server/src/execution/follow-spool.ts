import { type AgentBundle, type AgentEvent, BEAT_INTERVAL_MS, parseAgentEvent } from '#agents/api';
import { isPluginError, PluginError, type Session } from '#plugins/api';

/** Where what is read from a spool goes. Calls never overlap. */
export interface SpoolSink {
  /** How much of `output` has been taken, in bytes; reading begins there. */
  readonly spoolOffset: number;
  /** The next bytes of output. */
  append(chunk: Uint8Array): Promise<void>;
  /** A step's begin or end, each once, after all output before its offset. After a resume they come again from the first. */
  event(event: Extract<AgentEvent, { type: 'step' | 'done' }>): Promise<void>;
}

/** What the server itself holds a job to, whatever its agent says or has been made to say. */
export interface SpoolLimits {
  /** When the job must have ended; milliseconds since 1970. */
  readonly until: number;
  /** How much output is taken at most, in bytes. */
  readonly outputBytes: number;
}

/** The agent's own last word. */
export type AgentEnd = Extract<AgentEvent, { type: 'end' }>;

/** Silence of the agent itself after which it is given up. */
const LOST_AFTER_MS = 3 * BEAT_INTERVAL_MS + 5_000;
/** How long output that an `end` promises may take to arrive. */
const STRAGGLE_MS = 10_000;
const MAX_EVENT_LINE = 4096;
/** Events of the longest job are far fewer; more is a job that writes them itself. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** The watch comes every second; if it comes so late, this process itself stood still, and nobody's silence means anything. */
const STOOD_STILL_MS = 5000;

/**
 * Follows both files of a spool to the agent's end. Throws `unavailable` if the connection breaks (call again: it goes on from
 * `sink.spoolOffset`), `rejected` if the agent stopped answering, its spool contradicts itself or a limit is passed, or the signal's reason. `heard` is
 * called whenever something arrives.
 */
export async function followSpool(
  session: Session,
  bundle: AgentBundle,
  sink: SpoolSink,
  limits: SpoolLimits,
  signal: AbortSignal,
  heard: () => void = () => undefined,
): Promise<AgentEnd> {
  return await new SpoolFollower(session, bundle, sink, limits, signal, heard).run();
}

type StepEvent = Extract<AgentEvent, { type: 'step' | 'done' }>;

class SpoolFollower {
  private readonly stop = new AbortController();
  private pending: StepEvent[] = [];
  private readonly noted = new Set<string>();
  private eventBytes = 0;
  private lastWatch = Date.now();
  private end: AgentEnd | null = null;
  private lastWord = Date.now();
  private partialLine = '';
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session,
    private readonly bundle: AgentBundle,
    private readonly sink: SpoolSink,
    private readonly limits: SpoolLimits,
    private readonly signal: AbortSignal,
    private readonly heard: () => void,
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
      this.hear();
      await this.inTurn(() => this.takeOutput(chunk));
      // Time spent storing is not the agent's silence.
      this.lastWord = Date.now();
    }
  }

  private async pumpEvents(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.session.follow(this.bundle.events, 0, this.stop.signal)) {
      this.hear();
      this.eventBytes += chunk.length;
      if (this.eventBytes > MAX_EVENT_BYTES) throw new PluginError('rejected', 'the job altered its spool: it holds more events than any job has');
      await this.inTurn(() => this.takeEvents(decoder.decode(chunk, { stream: true })));
    }
  }

  private hear(): void {
    this.lastWord = Date.now();
    this.heard();
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
    if (this.sink.spoolOffset > this.limits.outputBytes)
      throw new PluginError('rejected', 'the job wrote more to its log than it may, and its agent did not stop it');
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
    if (event.type === 'beat' || event.type === 'start') return;
    if (event.type === 'end') {
      this.end = event;
      // The job can write to the file: nothing that claims to come after the end may hold it up.
      this.pending = this.pending.filter((other) => other.offset <= event.offset);
    } else if (event.step < this.bundle.steps.length && !this.noted.has(`${event.type} ${event.step}`)) {
      this.noted.add(`${event.type} ${event.step}`);
      this.pending.push(event);
    }
  }

  private async settle(): Promise<void> {
    for (let event = this.pending[0]; event && event.offset <= this.sink.spoolOffset; event = this.pending[0]) {
      this.pending.shift();
      await this.sink.event(event);
    }
    if (this.complete()) this.stop.abort();
  }

  private complete(): boolean {
    return this.end !== null && this.sink.spoolOffset >= this.end.offset;
  }

  private watch(): void {
    const now = Date.now();
    if (now - this.lastWatch > STOOD_STILL_MS) this.lastWord = now;
    this.lastWatch = now;
    const quiet = now - this.lastWord;
    if (this.end !== null && quiet > STRAGGLE_MS) this.reject('the log ends before the place the agent names: the job altered its spool');
    else if (this.end === null && now > this.limits.until) this.reject('the job took longer than it may, and its agent did not stop it');
    else if (quiet > LOST_AFTER_MS)
      this.reject(`the agent has been silent for ${Math.round(quiet / 1000)} s: the job ended it, or the machine stands still`);
  }

  private reject(why: string): void {
    this.stop.abort(new PluginError('rejected', why));
  }
}

/** The agent made both files before it was followed: where one is missing, shorter than it was, or no file, the job did that. */
function explainLoss(error: unknown): unknown {
  if (!isPluginError(error, 'not-found') && !isPluginError(error, 'invalid')) return error;
  return new PluginError('rejected', `the job removed or altered the agent's files: ${error.message}`, { cause: error });
}
