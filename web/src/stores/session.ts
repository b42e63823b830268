import { higherRole, isAtLeast, type Role, type SessionView, type SignIn } from '#server/api';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api } from '../api/client.ts';
import { beginEra } from '../api/http.ts';
import { useConnection } from './connection.ts';

/** Who is signed in, what they may, and how one can sign in. `user` is undefined until the server was asked, also if it could not be. */
export const useSession = defineStore('session', () => {
  const user = ref<SessionView['user'] | undefined>(undefined);
  const hosts = shallowRef<SessionView['hosts']>([]);
  const isPublic = ref(false);
  const projectRoles = computed(() => new Map(user.value?.projects.map(({ id, role }) => [id, role])));

  /** Whether whoever is here may what a role may: on a project, or without one everywhere. Only for what is shown: the server decides. */
  function may(needed: Role, projectId?: number): boolean {
    const everywhere = higherRole(user.value?.role ?? null, isPublic.value ? 'viewer' : null);
    const here = projectId === undefined ? null : (projectRoles.value.get(projectId) ?? null);
    return isAtLeast(higherRole(everywhere, here), needed);
  }

  async function load(): Promise<void> {
    take(await api.session());
  }

  /** Throws ApiError where the code, or the name and the password, are not right, or after too many tries. */
  async function signIn(body: SignIn): Promise<void> {
    enter(await api.signIn(body));
  }

  /** Somebody has just signed in: what was asked before counts no more, and events are to be his. */
  function enter(session: SessionView): void {
    take(session);
    beginEra();
    useConnection().socket.renew();
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    user.value = null;
    useConnection().socket.renew();
  }

  function take(session: SessionView): void {
    user.value = session.user;
    hosts.value = session.hosts;
    isPublic.value = session.isPublic;
  }

  return { user, hosts, isPublic, may, load, signIn, enter, signOut };
});
