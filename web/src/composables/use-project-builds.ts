import type { BuildSummary, ProjectView } from '#server/api';
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue';
import { api, type BuildsQuery } from '../api/client.ts';
import { withBuild, withNewestBuild } from '../lib/project-list.ts';
import { useCommand, type Command } from './use-command.ts';
import { useLive, type Live } from './use-live.ts';

const PAGE = 50;

/** A project with its builds as far as they are read. `isEnd`: there are no older ones. */
export interface ProjectBuilds {
  project: ProjectView;
  builds: BuildSummary[];
  isEnd: boolean;
}

/** A project's builds, newest first, live; of one branch if `branch` is set; `older` reads the next page. */
export function useProjectBuilds(id: number): { live: Live<ProjectBuilds>; branch: Ref<string>; hasOlder: ComputedRef<boolean>; older: Command<[]> } {
  const branch = ref('');

  function query(before?: number): BuildsQuery {
    return { limit: PAGE, ...(branch.value === '' ? {} : { branch: branch.value }), ...(before === undefined ? {} : { before }) };
  }

  const live = useLive<ProjectBuilds>({
    topic: `project:${id}`,
    load: async (signal) => {
      const [project, builds] = await Promise.all([api.project(id, signal), api.builds(id, query(), signal)]);
      return { project, builds, isEnd: builds.length < PAGE };
    },
    events: {
      build: (state, build) => {
        if (build.projectId !== id) return state;
        const isListed = branch.value === '' || build.change.branch === branch.value;
        return {
          ...state,
          project: withNewestBuild([state.project], build)[0] ?? state.project,
          builds: isListed ? withBuild(state.builds, build) : state.builds,
        };
      },
    },
  });

  const older = useCommand(async () => {
    const before = live.data.value?.builds.at(-1)?.number;
    if (before === undefined) return;
    const page = await api.builds(id, query(before));
    const state = live.data.value;
    if (state)
      live.set({
        ...state,
        builds: [...state.builds, ...page.filter((build) => !state.builds.some((known) => known.id === build.id))],
        isEnd: page.length < PAGE,
      });
  });

  watch(branch, () => void live.reload());

  return { live, branch, older, hasOlder: computed(() => live.data.value !== null && !live.data.value.isEnd) };
}
