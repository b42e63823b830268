import type { MachineLife, MachineView, Problem } from '#server/api';
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { api } from '../api/client.ts';
import { toProblem } from '../api/http.ts';
import { hasStale, lifeRows, mergeLives, type LifeRow } from '../lib/life.ts';
import { useThrottled } from './use-throttled.ts';

/** So many rows at first, and so many more each time. */
const PAGE = 50;
/** What the server gives at most in one answer. */
const MOST = 500;
const REREAD_MS = 2000;

export interface Lives {
  /** Leaves other pools out; empty: all. */
  pool: Ref<string>;
  rows: ComputedRef<{ living: LifeRow[]; over: LifeRow[] }>;
  hasMore: ComputedRef<boolean>;
  showMore: () => void;
  problem: Ref<Problem | null>;
}

/** The machines that live and the lives that are over, as far as they are wanted. What changes is read again, the newest page only where that is enough. */
export function useLives(machines: () => readonly MachineView[]): Lives {
  const pool = ref('');
  const limit = ref(PAGE);
  const lives = shallowRef<MachineLife[]>([]);
  const isFull = ref(false);
  const problem = ref<Problem | null>(null);
  const abort = new AbortController();
  let asked = 0;

  async function load(size: number): Promise<void> {
    const ask = (asked += 1);
    try {
      const query = { limit: size, ...(pool.value === '' ? {} : { pool: pool.value }) };
      const news = await api.machineLives(query, abort.signal);
      if (ask !== asked) return;
      lives.value = size < limit.value ? mergeLives(lives.value, news) : news;
      if (size === limit.value) isFull.value = news.length < size;
      problem.value = null;
    } catch (error) {
      if (!abort.signal.aborted && ask === asked) problem.value = toProblem(error);
    }
  }

  const refresh = useThrottled(() => void load(hasStale(machines(), lives.value.slice(PAGE)) ? limit.value : Math.min(PAGE, limit.value)), REREAD_MS);
  watch(machines, () => refresh());
  watch([pool, limit], () => void load(limit.value), { immediate: true });
  onScopeDispose(() => abort.abort());

  const rows = computed(() => {
    const { living, over } = lifeRows(machines(), lives.value, pool.value);
    return { living, over: over.slice(0, limit.value) };
  });
  return {
    pool,
    rows,
    hasMore: computed(() => !isFull.value && limit.value < MOST),
    showMore: () => (limit.value = Math.min(MOST, limit.value === PAGE ? 4 * PAGE : limit.value * 2)),
    problem,
  };
}
