import type { LicenseUseView, Problem } from '#server/api';
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { api } from '../api/client.ts';
import { toProblem } from '../api/http.ts';
import { useRepeated } from './use-repeated.ts';

const MINUTE_MS = 60_000;
/** A stretch is a 96th of the time; reading more often than a few times a stretch shows nothing new. */
const PARTS = 96 * 4;

/** How licences were used in the last `hours`, read again while somebody looks: each minute, more seldom where much time is shown. `use` is null until known. */
export function useLicenseUse(): {
  hours: Ref<number>;
  use: ShallowRef<LicenseUseView | null>;
  problem: Ref<Problem | null>;
  reload: () => Promise<void>;
} {
  const hours = ref(24);
  const use = shallowRef<LicenseUseView | null>(null);
  let readAt = Date.now();
  const problem = ref<Problem | null>(null);
  let abort = new AbortController();

  async function load(): Promise<void> {
    abort.abort();
    const { signal } = (abort = new AbortController());
    try {
      const news = await api.licenseUse(hours.value, signal);
      if (signal.aborted) return;
      use.value = news;
      readAt = Date.now();
      problem.value = null;
    } catch (error) {
      if (!signal.aborted) problem.value = toProblem(error);
    }
  }

  const isDue = (): boolean => Date.now() - readAt >= (hours.value * 60 * MINUTE_MS) / PARTS;
  useRepeated(() => void load(), MINUTE_MS, isDue);
  onScopeDispose(() => abort.abort());
  watch(hours, () => void load(), { immediate: true });

  return { hours, use, problem, reload: load };
}
