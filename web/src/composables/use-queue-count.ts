import { computed, type ComputedRef } from 'vue';
import { api } from '../api/client.ts';
import { useLive } from './use-live.ts';

/** How many jobs wait, live; null until known. */
export function useQueueCount(): ComputedRef<number | null> {
  const live = useLive({
    topic: 'queue',
    load: async (signal) => (await api.queue(signal)).total,
    events: { queue: (_total, event) => event.total },
  });
  return computed(() => live.data.value);
}
