import type { SessionView } from '#server/api';
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { api } from '../api/client.ts';
import { beginEra } from '../api/http.ts';
import { useConnection } from './connection.ts';

/** Who is signed in and what they may. `user` is undefined until the server was asked. */
export const useSession = defineStore('session', () => {
  const user = ref<SessionView['user'] | undefined>(undefined);
  const canManage = computed(() => user.value?.role === 'admin');

  async function load(): Promise<void> {
    user.value = (await api.session()).user;
  }

  /** Throws ApiError where the code is wrong, used or too old. */
  async function signIn(code: string): Promise<void> {
    user.value = (await api.signIn(code)).user;
    beginEra();
    useConnection().socket.renew();
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    user.value = null;
    useConnection().socket.renew();
  }

  return { user, canManage, load, signIn, signOut };
});
