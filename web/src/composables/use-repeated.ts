import { onScopeDispose } from 'vue';

/** Does something every so often (milliseconds) while that is wanted and somebody looks: for what changes without an event. */
export function useRepeated(action: () => void, every: number, isWanted: () => boolean): void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && isWanted()) action();
  }, every);
  onScopeDispose(() => clearInterval(timer));
}
