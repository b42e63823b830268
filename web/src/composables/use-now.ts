import { readonly, ref, type Ref } from 'vue';

const now = ref(Date.now());
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});

/** The time to the second (milliseconds since 1970), one clock for the whole page; it rests while nobody looks. */
export function useNow(): Readonly<Ref<number>> {
  return readonly(now);
}
