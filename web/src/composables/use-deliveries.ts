import type { DeliveryView } from '#server/api';
import { computed, type ComputedRef } from 'vue';
import { api } from '../api/client.ts';
import { useCommand, type Command } from './use-command.ts';
import { useLive, type Live } from './use-live.ts';
import { useRepeated } from './use-repeated.ts';
import { useThrottled } from './use-throttled.ts';

const PAGE = 20;
/** The server gives no more at once. */
const MOST = 500;
const LOOK_MS = 3000;

/** Deliveries as far as they are read. `isEnd`: there are no older ones. */
interface Deliveries {
  list: DeliveryView[];
  isEnd: boolean;
}

/**
 * What a project's code host sent, newest first; `older` reads the next page. No event tells of a delivery: it is looked again at each build of the project, and
 * while one waits to be worked on.
 */
export function useDeliveries(projectId: number): {
  live: Live<Deliveries>;
  hasOlder: ComputedRef<boolean>;
  older: Command<[]>;
  replay: Command<[number]>;
} {
  const live = useLive<Deliveries>({
    topic: `project:${projectId}`,
    load: async (signal) => {
      const known = live.data.value?.list ?? [];
      const limit = Math.min(MOST, Math.max(PAGE, known.length));
      const list = await api.deliveries(projectId, { limit }, signal);
      return { list, isEnd: list.length < limit };
    },
    events: {
      build: (state, build) => {
        if (build.projectId === projectId) refresh();
        return state;
      },
    },
  });
  const refresh = useThrottled(() => void live.reload(), 1000);
  useRepeated(refresh, LOOK_MS, () => live.data.value?.list.some(({ state }) => state === 'received') ?? false);

  const older = useCommand(async () => {
    const before = live.data.value?.list.at(-1)?.id;
    if (before === undefined) return;
    const page = await api.deliveries(projectId, { limit: PAGE, before });
    const known = (live.data.value?.list ?? []).filter(({ id }) => !page.some((delivery) => delivery.id === id));
    live.set({ list: [...known, ...page], isEnd: page.length < PAGE });
  });

  const replay = useCommand(async (id: number) => {
    const news = await api.replayDelivery(projectId, id);
    const state = live.data.value;
    if (state) live.set({ ...state, list: state.list.map((delivery) => (delivery.id === id ? news : delivery)) });
  });

  return { live, older, replay, hasOlder: computed(() => live.data.value !== null && !live.data.value.isEnd) };
}
