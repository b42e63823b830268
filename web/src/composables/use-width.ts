import { onScopeDispose, ref, watch, type Ref, type ShallowRef } from 'vue';

/** The width of an element in whole pixels, as it changes; 0 until it is drawn. */
export function useWidth(element: Readonly<ShallowRef<HTMLElement | null>>): Readonly<Ref<number>> {
  const width = ref(0);
  const observer = new ResizeObserver((entries) => {
    width.value = Math.floor(entries.at(-1)?.contentRect.width ?? 0);
  });
  watch(element, (next, before) => {
    if (before) observer.unobserve(before);
    if (next) observer.observe(next);
  });
  onScopeDispose(() => observer.disconnect());
  return width;
}
