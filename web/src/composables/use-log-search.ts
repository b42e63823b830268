import type { LogSearch, Problem } from '#server/api';
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { toProblem } from '../api/http.ts';
import { searchLog, type LogPlace } from '../api/log-client.ts';

export interface LogFinder {
  query: Ref<string>;
  result: ShallowRef<LogSearch | null>;
  /** The place in `result.lines` one is at; -1 before the first. */
  at: Ref<number>;
  currentLine: ComputedRef<number | null>;
  isFiltering: Ref<boolean>;
  problem: Ref<Problem | null>;
  isBusy: Ref<boolean>;
  step: (by: number) => void;
}

/** Searches the whole log at the server, as one types. `nearLine` says where the reader is: the first match is the next from there. */
export function useLogSearch(log: LogPlace, nearLine: () => number): LogFinder {
  const query = ref('');
  const result = shallowRef<LogSearch | null>(null);
  const at = ref(-1);
  const isFiltering = ref(false);
  const isBusy = ref(false);
  const problem = ref<Problem | null>(null);
  let abort = new AbortController();
  let pause: ReturnType<typeof setTimeout> | undefined;

  watch(query, (text) => {
    abort.abort();
    clearTimeout(pause);
    problem.value = null;
    isBusy.value = text !== '';
    if (text === '') {
      result.value = null;
      isFiltering.value = false;
    } else {
      pause = setTimeout(() => void run(text), 150);
    }
  });

  async function run(text: string): Promise<void> {
    const mine = (abort = new AbortController());
    try {
      const found = await searchLog(log, text, mine.signal);
      at.value = Math.max(
        0,
        found.lines.findIndex((line) => line >= nearLine()),
      );
      result.value = found;
    } catch (error) {
      if (!mine.signal.aborted) problem.value = toProblem(error);
    } finally {
      if (mine === abort) isBusy.value = false;
    }
  }

  function step(by: number): void {
    const length = result.value?.lines.length ?? 0;
    if (length > 0) at.value = (at.value + by + length) % length;
  }

  onScopeDispose(() => {
    clearTimeout(pause);
    abort.abort();
  });

  const currentLine = computed(() => result.value?.lines[at.value] ?? null);
  return { query, result, at, currentLine, isFiltering, problem, isBusy, step };
}
