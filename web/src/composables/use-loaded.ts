import type { Problem } from '#server/api';
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { toProblem } from '../api/http.ts';

export interface Loaded<T> {
  /** Null until it is there. */
  data: ShallowRef<T | null>;
  /** Why the newest reading failed; null when it did not, or is under way. */
  problem: Ref<Problem | null>;
  load: () => Promise<void>;
  /** Puts a newer state in place, the answer to a command. */
  set: (state: T) => void;
}

/** Something of the server that no event tells of: read at once, and again when asked for. Of readings that overtake each other the newest counts. */
export function useLoaded<T>(read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const problem = ref<Problem | null>(null);
  const abort = new AbortController();
  let loads = 0;
  onScopeDispose(() => abort.abort());

  async function load(): Promise<void> {
    const mine = (loads += 1);
    problem.value = null;
    try {
      const state = await read(abort.signal);
      if (mine === loads && !abort.signal.aborted) data.value = state;
    } catch (error) {
      if (mine === loads && !abort.signal.aborted) problem.value = toProblem(error);
    }
  }

  function set(state: T): void {
    loads += 1;
    data.value = state;
    problem.value = null;
  }

  void load();
  return { data, problem, load, set };
}
