import type { Problem, Topic } from '#server/api';
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { toProblem } from '../api/http.ts';
import type { LiveEvent, LiveEventName } from '../api/live-events.ts';
import { useConnection } from '../stores/connection.ts';

/** How long to wait for the live connection before the page is shown without it; it is loaded again once events flow. */
const PATIENCE = 700;

/** What an event makes of the state: a new one, or the same object if it does not concern it. */
type Reducers<T> = { [N in LiveEventName]?: (state: T, event: LiveEvent<N>) => T };

export interface LiveOptions<T> {
  topic: Topic;
  /** Takes the snapshot. */
  load: (signal: AbortSignal) => Promise<T>;
  events?: Reducers<T>;
}

export interface Live<T> {
  /** Null until the first snapshot. */
  data: ShallowRef<T | null>;
  /** Why the newest snapshot failed; null when it did not. */
  problem: Ref<Problem | null>;
  reload: () => Promise<void>;
  /** Puts a newer state in place, the answer to a command. */
  set: (state: T) => void;
}

/**
 * State of the server that stays right: subscribes, takes a snapshot once events flow, then applies them; after a reconnect the same
 * again. Events that come while a snapshot is under way are applied to it in order: each carries the whole new state of its thing.
 */
export function useLive<T>(options: LiveOptions<T>): Live<T> {
  const { socket } = useConnection();
  const data = shallowRef<T | null>(null);
  const problem = ref<Problem | null>(null);
  const abort = new AbortController();
  /** What came while a snapshot is under way; null while none is. */
  let early: ((state: T) => T)[] | null = null;
  let loads = 0;

  async function reload(): Promise<void> {
    const load = (loads += 1);
    const changes: ((state: T) => T)[] = [];
    early = changes;
    try {
      const snapshot = await options.load(abort.signal);
      if (load !== loads || abort.signal.aborted) return;
      data.value = changes.reduce<T>((state, change) => change(state), snapshot);
      problem.value = null;
    } catch (error) {
      if (load === loads && !abort.signal.aborted) problem.value = toProblem(error);
    } finally {
      if (load === loads) early = null;
    }
  }

  function apply(change: (state: T) => T): void {
    early?.push(change);
    if (data.value !== null) data.value = change(data.value);
  }

  const stops = listen(options.events ?? {}, apply);
  const patience = setTimeout(() => void reload(), PATIENCE);
  const leave = socket.subscribe(options.topic, {
    flowing: () => {
      clearTimeout(patience);
      void reload();
    },
    refused: () => {
      // Whoever may not listen may not read either: the snapshot says why, as a problem.
      clearTimeout(patience);
      void reload();
    },
  });

  onScopeDispose(() => {
    clearTimeout(patience);
    abort.abort();
    leave();
    for (const stop of stops) stop();
  });

  return { data, problem, reload, set: (state) => void (data.value = state) };

  function listen(reducers: Reducers<T>, change: (by: (state: T) => T) => void): (() => void)[] {
    const on = <N extends LiveEventName>(name: N, reduce: (state: T, event: LiveEvent<N>) => T) =>
      socket.on(name, (event) => change((state) => reduce(state, event)));
    const names = Object.keys(reducers) as LiveEventName[];
    return names.flatMap((name) => {
      const reduce = reducers[name] as ((state: T, event: LiveEvent<typeof name>) => T) | undefined;
      return reduce ? [on(name, reduce)] : [];
    });
  }
}
