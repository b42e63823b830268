import type { BuildSummary, ProjectView } from '#server/api';
import { shallowRef, type ShallowRef } from 'vue';
import { api } from '../api/client.ts';
import { toProblem } from '../api/http.ts';
import type { PaletteEntry } from '../lib/palette.ts';
import { lookOfBuild } from '../lib/status.ts';
import { firstLine, refName } from '../lib/truncate.ts';
import { useSession } from '../stores/session.ts';

const PAGES: PaletteEntry[] = [
  { key: 'page-projects', kind: 'Page', text: 'Projects', detail: '', to: '/' },
  { key: 'page-queue', kind: 'Page', text: 'Queue', detail: '', to: '/queue' },
  { key: 'page-machines', kind: 'Page', text: 'Machines', detail: '', to: '/machines' },
  { key: 'page-pythons', kind: 'Page', text: 'Pythons', detail: 'which pools have them, who asks for them', to: '/pythons' },
  { key: 'page-licenses', kind: 'Page', text: 'Licences', detail: '', to: '/licenses' },
  { key: 'page-bundles', kind: 'Page', text: 'Bundles', detail: 'files behind licences', to: '/bundles' },
];
const OWN: PaletteEntry = { key: 'page-profile', kind: 'Page', text: 'Profile', detail: 'password, tokens, sign out', to: '/profile' };
const ADMIN: PaletteEntry = { key: 'page-admin', kind: 'Page', text: 'Admin', detail: 'accounts, audit', to: '/admin' };
const NEW: PaletteEntry = { key: 'page-new', kind: 'Page', text: 'Add a project', detail: '', to: '/projects/new' };
const SIGN_IN: PaletteEntry = { key: 'page-login', kind: 'Page', text: 'Sign in', detail: '', to: '/login' };

/** What the palette can go to, of what the reader may: pages, projects and their settings, each project's newest build, jobs that wait. `problem` if it could not be asked for. */
export function usePaletteEntries(): { entries: ShallowRef<PaletteEntry[]>; problem: ShallowRef<string>; load: () => Promise<void> } {
  const session = useSession();
  const entries = shallowRef<PaletteEntry[]>(PAGES);
  const problem = shallowRef('');

  async function load(): Promise<void> {
    try {
      const [projects, queue] = await Promise.all([api.projects(), api.queue()]);
      const waiting = queue.entries.map(({ job, projectName, buildNumber }) => ({
        key: `job-${job.id}`,
        kind: 'Job',
        text: `${projectName} #${buildNumber}.${job.position}`,
        detail: `${job.name} · ${job.state}`,
        to: `/jobs/${job.id}`,
      }));
      const settings = projects.filter(({ id }) => session.may('maintainer', id)).flatMap(settingsOf);
      entries.value = [...projects.flatMap(entriesOfProject), ...pages(), ...settings, ...waiting];
      problem.value = '';
    } catch (error) {
      problem.value = toProblem(error).detail;
    }
  }

  function pages(): PaletteEntry[] {
    const own = session.user ? [OWN] : [SIGN_IN];
    return [...PAGES, ...own, ...(session.may('admin') ? [ADMIN] : []), ...(session.may('maintainer') ? [NEW] : [])];
  }

  return { entries, problem, load };
}

function entriesOfProject(project: ProjectView): PaletteEntry[] {
  const own = { key: `project-${project.id}`, kind: 'Project', text: project.name, detail: project.url, to: `/projects/${project.id}` };
  return project.lastBuild ? [own, entryOfBuild(project.lastBuild)] : [own];
}

function entryOfBuild(build: BuildSummary): PaletteEntry {
  return {
    key: `build-${build.id}`,
    kind: 'Build',
    text: `${build.projectName} #${build.number}`,
    detail: `${lookOfBuild(build).word} · ${refName(build.change)} · ${firstLine(build.change.message)}`,
    to: `/builds/${build.id}`,
  };
}

function settingsOf({ id, name }: ProjectView): PaletteEntry[] {
  return [
    { key: `settings-${id}`, kind: 'Page', text: `${name} settings`, detail: '', to: `/projects/${id}/settings` },
    { key: `people-${id}`, kind: 'Page', text: `${name} people`, detail: '', to: `/projects/${id}/people` },
  ];
}
