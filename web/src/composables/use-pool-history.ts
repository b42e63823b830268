import type { PoolHistory, Problem } from '#server/api';
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { api } from '../api/client.ts';
import { toProblem } from '../api/http.ts';

/** Samples are a minute apart. */
const REREAD_MS = 60_000;

/** How the pools stood in the last `hours`, read again each minute while somebody looks. `history` is null until known. */
export function usePoolHistory(): { hours: Ref<number>; history: ShallowRef<PoolHistory[] | null>; problem: Ref<Problem | null> } {
  const hours = ref(6);
  const history = shallowRef<PoolHistory[] | null>(null);
  const problem = ref<Problem | null>(null);
  let abort = new AbortController();

  async function load(): Promise<void> {
    abort.abort();
    const { signal } = (abort = new AbortController());
    try {
      const news = await api.poolHistory(hours.value, signal);
      if (signal.aborted) return;
      history.value = news;
      problem.value = null;
    } catch (error) {
      if (!signal.aborted) problem.value = toProblem(error);
    }
  }

  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void load();
  }, REREAD_MS);
  onScopeDispose(() => {
    clearInterval(timer);
    abort.abort();
  });
  watch(hours, () => void load(), { immediate: true });

  return { hours, history, problem };
}
