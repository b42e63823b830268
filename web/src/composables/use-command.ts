import type { Problem } from '#server/api';
import { ref, type Ref } from 'vue';
import { toProblem } from '../api/http.ts';

export interface Command<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>;
  isBusy: Ref<boolean>;
  problem: Ref<Problem | null>;
}

/** An action of the reader: one at a time, its problem kept for showing. `run` answers whether it went well. */
export function useCommand<A extends unknown[]>(action: (...args: A) => Promise<void>): Command<A> {
  const isBusy = ref(false);
  const problem = ref<Problem | null>(null);

  async function run(...args: A): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    problem.value = null;
    try {
      await action(...args);
      return true;
    } catch (error) {
      problem.value = toProblem(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  return { run, isBusy, problem };
}
