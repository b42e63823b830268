import type { Problem } from '#server/api';
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { toProblem } from '../api/http.ts';
import type { LiveLogEvent } from '../api/live-events.ts';
import { fetchLogIndex, fetchLogRange, type LogPlace } from '../api/log-client.ts';
import type { BlockPlace } from '../lib/log/line-index.ts';
import { BLOCK_READ_LIMIT, LogStore } from '../lib/log/log-store.ts';
import { useConnection } from '../stores/connection.ts';

/** A gap longer than this is not read through: the index says where its lines are. */
const GAP_LIMIT = 1024 * 1024;
const REQUESTS_AT_ONCE = 4;
const PATIENCE = 700;

/** One log, live. `version` counts up with every change of it; read it to be told. */
export interface Log {
  store: ShallowRef<LogStore | null>;
  version: Ref<number>;
  problem: Ref<Problem | null>;
  /** Says which lines [from, to) are looked at: what is missing of them is read, and nothing else. */
  want: (from: number, to: number) => void;
  /** Reads lines [from, to) whole; answers their plain text. Throws ApiError. */
  read: (from: number, to: number) => Promise<string[]>;
}

/** Opens a log: its index, then blocks as they are looked at; follows its growth by live events, and fills gaps by range. */
export function useLog(log: LogPlace, isLive: boolean): Log {
  const { socket } = useConnection();
  const store = shallowRef<LogStore | null>(null);
  const version = ref(0);
  const problem = ref<Problem | null>(null);
  const abort = new AbortController();
  const inFlight = new Set<number>();
  let wanted: BlockPlace[] = [];
  let events: LiveLogEvent[] = [];
  let isCatchingUp = false;

  async function open(): Promise<void> {
    const index = await fetchLogIndex(log, abort.signal);
    store.value = new LogStore(index);
    version.value += 1;
  }

  function attempt(action: () => Promise<void>): Promise<void> {
    return action().then(
      () => void (problem.value = null),
      (error: unknown) => {
        if (!abort.signal.aborted) problem.value = toProblem(error);
      },
    );
  }

  async function load(place: BlockPlace): Promise<void> {
    const held = store.value;
    const bytes = await fetchLogRange(log, place.start, Math.min(place.end, place.start + BLOCK_READ_LIMIT), abort.signal);
    held?.put(place, bytes);
    version.value += 1;
  }

  function pump(): void {
    while (inFlight.size < REQUESTS_AT_ONCE) {
      const place = wanted.shift();
      if (!place) return;
      if (inFlight.has(place.start) || store.value?.has(place)) continue;
      inFlight.add(place.start);
      void attempt(() => load(place)).then(() => {
        inFlight.delete(place.start);
        pump();
      });
    }
  }

  function want(from: number, to: number): void {
    wanted = store.value?.missing(from, to) ?? [];
    pump();
  }

  async function read(from: number, to: number): Promise<string[]> {
    const held = store.value;
    if (!held) return [];
    const lines: string[] = [];
    for (let line = from; line < to; line += 1) {
      for (const place of held.missing(line, line + 1))
        held.put(place, await fetchLogRange(log, place.start, Math.min(place.end, place.start + BLOCK_READ_LIMIT), abort.signal));
      lines.push(held.plainAt(line) ?? '');
    }
    return lines;
  }

  /** Applies what has come, in order; one at a time, because a gap is read in between. */
  async function catchUp(): Promise<void> {
    if (isCatchingUp) return;
    isCatchingUp = true;
    try {
      while (events.length > 0 && store.value && !abort.signal.aborted) {
        const batch = events;
        events = [];
        await applyEvents(store.value, batch);
        version.value += 1;
      }
    } finally {
      isCatchingUp = false;
    }
  }

  async function applyEvents(held: LogStore, batch: readonly LiveLogEvent[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    for (const event of batch) {
      if (event.size > held.index.size && event.data && event.offset !== undefined && event.offset <= held.index.size) held.grow(event, event.data);
    }
    const gap = last.size - held.index.size;
    if (gap > GAP_LIMIT) return open();
    if (gap > 0) held.grow(last, await fetchLogRange(log, held.index.size, last.size, abort.signal));
    held.index.complete = last.complete;
  }

  /** A snapshot, after which events go on; again after each reconnect, so that nothing is missing. */
  function snapshot(): void {
    clearTimeout(patience);
    void attempt(async () => {
      await open();
      await catchUp();
    });
  }

  const patience = setTimeout(snapshot, isLive ? PATIENCE : 0);
  const stops = isLive ? [socket.on('log', receive), socket.subscribe(`log:${log.jobId}`, { flowing: snapshot, refused: snapshot })] : [];

  function receive(event: LiveLogEvent): void {
    if (event.jobId !== log.jobId || event.attempt !== log.attempt) return;
    events.push(event);
    void attempt(catchUp);
  }

  onScopeDispose(() => {
    clearTimeout(patience);
    abort.abort();
    for (const stop of stops) stop();
  });

  return { store, version, problem, want, read };
}
