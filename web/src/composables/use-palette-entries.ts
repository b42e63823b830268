import type { BuildSummary, ProjectView } from '#server/api';
import { shallowRef, type ShallowRef } from 'vue';
import { api } from '../api/client.ts';
import { toProblem } from '../api/http.ts';
import type { PaletteEntry } from '../lib/palette.ts';
import { lookOfBuild } from '../lib/status.ts';
import { firstLine } from '../lib/truncate.ts';

const PAGES: PaletteEntry[] = [
  { key: 'page-projects', kind: 'Page', text: 'Projects', detail: '', to: '/' },
  { key: 'page-queue', kind: 'Page', text: 'Queue', detail: '', to: '/queue' },
  { key: 'page-machines', kind: 'Page', text: 'Machines', detail: '', to: '/machines' },
  { key: 'page-admin', kind: 'Page', text: 'Admin', detail: 'tokens, sign out', to: '/admin' },
  { key: 'page-new', kind: 'Page', text: 'Add a project', detail: '', to: '/projects/new' },
];

/** What the palette can go to: pages, projects and their settings, each project's newest build, jobs that wait. `problem` if it could not be asked for. */
export function usePaletteEntries(): { entries: ShallowRef<PaletteEntry[]>; problem: ShallowRef<string>; load: () => Promise<void> } {
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
      entries.value = [...projects.flatMap(entriesOfProject), ...PAGES, ...projects.map(settingsOf), ...waiting];
      problem.value = '';
    } catch (error) {
      problem.value = toProblem(error).detail;
    }
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
    detail: `${lookOfBuild(build).word} · ${build.change.branch} · ${firstLine(build.change.message)}`,
    to: `/builds/${build.id}`,
  };
}

function settingsOf(project: ProjectView): PaletteEntry {
  return { key: `settings-${project.id}`, kind: 'Page', text: `${project.name} settings`, detail: '', to: `/projects/${project.id}/settings` };
}
