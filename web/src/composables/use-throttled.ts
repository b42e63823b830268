import { onScopeDispose } from 'vue';

/** A function that runs at most every `wait` milliseconds: at once if it rested, otherwise once more at the end of the wait. */
export function useThrottled(action: () => void, wait: number): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isDue = false;

  function tick(): void {
    timer = null;
    if (isDue) run();
  }

  function run(): void {
    isDue = false;
    timer = setTimeout(tick, wait);
    action();
  }

  onScopeDispose(() => {
    if (timer) clearTimeout(timer);
  });

  return () => {
    if (timer) isDue = true;
    else run();
  };
}
