import { defineStore } from 'pinia';
import { api } from '../api/client.ts';
import { useLive } from '../composables/use-live.ts';
import { useThrottled } from '../composables/use-throttled.ts';
import { withHeld } from '../lib/held.ts';

/** The builds that wait for an approval, live; one list for the rail and the pages. */
export const useHeld = defineStore('held', () => {
  const live = useLive({
    topic: 'projects',
    load: (signal) => api.held(signal),
    events: {
      build: (held, build) => {
        const news = withHeld(held, build);
        // Of a list that is cut off nobody here knows what follows its end.
        if (news !== held && news.total !== news.builds.length) refresh();
        return news;
      },
    },
  });
  const refresh = useThrottled(() => void live.reload(), 1000);

  return { held: live.data };
});
