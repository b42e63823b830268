import { TIME_MODES } from '../lib/log/line-times.ts';
import type { LogView } from './use-log-view.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** The keys of the log's viewer. */
export function useLogKeys(view: LogView, actions: { focusSearch: () => void; goToError: () => void }): void {
  useShortcuts({
    '/': () => actions.focusSearch(),
    e: () => actions.goToError(),
    n: () => view.finder.step(1),
    N: () => view.finder.step(-1),
    G: () => view.scroll.goToEnd(),
    End: () => view.scroll.goToEnd(),
    Home: () => view.scroll.goToRow(0, 0),
    '[': () => view.goToStep(-1),
    ']': () => view.goToStep(1),
    w: () => void (view.isWrapped.value = !view.isWrapped.value),
    t: () => {
      const next = (TIME_MODES.indexOf(view.times.value) + 1) % TIME_MODES.length;
      view.times.value = TIME_MODES[next] ?? 'none';
    },
  });
}
