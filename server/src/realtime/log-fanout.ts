import type { LogEvent } from '#server/api';

/** Sends one event to whoever watches the job's log. `lossy`: a client that cannot take it now may miss it. */
export type SendLog = (event: LogEvent, lossy: boolean) => void;

/** Between two events of one log at least so long, once it flows. Milliseconds. */
const PACE_MS = 20;
/** What is sent along at most; more the viewer fetches. */
const INLINE_BYTES = 64 * 1024;
/** After this much quiet, everybody is told once more where the log ends, surely. */
const SETTLE_MS = 250;

interface Stream {
  lastSent: number;
  timer: NodeJS.Timeout | null;
  settle: NodeJS.Timeout | null;
  /** Told to listeners only when the pace allows: the newest state, and the pieces that lead to it if they are few. */
  next: LogEvent | null;
  pieces: Uint8Array[];
  bytes: number;
}

/** Turns the many small growths of logs into few events: the first at once, then at a pace, with the bytes while they are few. */
export class LogFanout {
  private readonly streams = new Map<number, Stream>();

  constructor(private readonly send: SendLog) {}

  push(event: LogEvent): void {
    const stream = this.streams.get(event.jobId) ?? this.open(event.jobId);
    merge(stream, event);
    const wait = event.complete ? 0 : stream.lastSent + PACE_MS - Date.now();
    if (wait <= 0) this.flush(event.jobId, stream);
    else stream.timer ??= setTimeout(() => this.flush(event.jobId, stream), wait);
  }

  close(): void {
    for (const stream of this.streams.values()) stopTimers(stream);
    this.streams.clear();
  }

  private open(jobId: number): Stream {
    const stream: Stream = { lastSent: 0, timer: null, settle: null, next: null, pieces: [], bytes: 0 };
    this.streams.set(jobId, stream);
    return stream;
  }

  private flush(jobId: number, stream: Stream): void {
    stopTimers(stream);
    const { next, pieces, bytes } = stream;
    if (next === null) return;
    const { offset: _offset, data: _data, ...state } = next;
    const whole = bytes > 0 && bytes <= INLINE_BYTES;
    this.send(whole ? { ...state, offset: next.size - bytes, data: Buffer.concat(pieces) } : state, !next.complete);
    Object.assign(stream, { lastSent: Date.now(), next: null, pieces: [], bytes: 0 });
    if (next.complete) this.streams.delete(jobId);
    else stream.settle = setTimeout(() => this.send(state, false), SETTLE_MS);
  }
}

/** Pieces that do not follow on each other, or are too many, are dropped: the state alone then makes viewers fetch. */
function merge(stream: Stream, event: LogEvent): void {
  const expected = stream.next === null ? event.offset : stream.next.size;
  const follows = event.data !== undefined && event.offset === expected && (stream.next === null || stream.bytes > 0);
  if (follows && event.data !== undefined && stream.bytes + event.data.length <= INLINE_BYTES) {
    stream.pieces.push(event.data);
    stream.bytes += event.data.length;
  } else if (event.size !== stream.next?.size) {
    stream.pieces = [];
    stream.bytes = 0;
  }
  stream.next = event;
}

function stopTimers(stream: Stream): void {
  if (stream.timer) clearTimeout(stream.timer);
  if (stream.settle) clearTimeout(stream.settle);
  stream.timer = null;
  stream.settle = null;
}
