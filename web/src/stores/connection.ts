import { defineStore } from 'pinia';
import { markRaw, ref } from 'vue';
import { LiveSocket } from '../api/socket.ts';

/** The live connection and how it stands. `lostAt`: since when it is gone (milliseconds since 1970); null while it is there or was never. */
export const useConnection = defineStore('connection', () => {
  const isConnected = ref(false);
  const lostAt = ref<number | null>(null);

  const socket = markRaw(
    new LiveSocket((connected) => {
      isConnected.value = connected;
      lostAt.value = connected ? null : (lostAt.value ?? Date.now());
    }),
  );

  return { isConnected, lostAt, socket };
});
