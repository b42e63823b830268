import type { OutboxView } from '#server/api';
import { api } from '../api/client.ts';
import { useCommand, type Command } from './use-command.ts';
import { useLive, type Live } from './use-live.ts';
import { useRepeated } from './use-repeated.ts';
import { useThrottled } from './use-throttled.ts';

/** How many entries are asked for: what failed or waits comes first. */
export const OUTBOX_SHOWN = 50;
const LOOK_MS = 3000;

/** What was told of a project's builds, and what is still to be told. It is looked at again at each of its builds, and while something waits. */
export function useOutbox(projectId: number): { live: Live<OutboxView[]>; resend: Command<[number]> } {
  const live = useLive<OutboxView[]>({
    topic: `project:${projectId}`,
    load: (signal) => api.outbox(projectId, OUTBOX_SHOWN, signal),
    events: {
      build: (state, build) => {
        if (build.projectId === projectId) refresh();
        return state;
      },
    },
  });
  const refresh = useThrottled(() => void live.reload(), 1000);
  useRepeated(refresh, LOOK_MS, () => live.data.value?.some(({ state }) => state === 'waiting') ?? false);

  const resend = useCommand(async (entry: number) => {
    await api.resend(projectId, entry);
    await live.reload();
  });

  return { live, resend };
}
