import type { BuildState, ProjectView } from '#server/api';
import { count, listWords } from './numbers.ts';

/** The answer to the projects page's question: is anything broken? */
export function projectsSentence(projects: readonly ProjectView[]): string {
  const failed = projects.filter((project) => project.lastBuild?.state === 'failed');
  const errored = projects.filter((project) => project.lastBuild?.state === 'errored');
  if (failed.length + errored.length === 0) return `Nothing is broken in ${count(projects.length, 'project')}.`;
  const parts = [];
  if (failed.length > 0) parts.push(`${names(failed)} ${failed.length === 1 ? 'is' : 'are'} broken.`);
  if (errored.length > 0) parts.push(`${names(errored)} had no verdict: the farm failed, not the code.`);
  return parts.join(' ');
}

function names(projects: readonly ProjectView[]): string {
  const first = projects.slice(0, 4).map((project) => project.name);
  const rest = projects.length - first.length;
  return listWords(rest > 0 ? [...first, `${rest} more`] : first);
}

/** Broken ones first, then those under way, then the rest; by name among equals. */
export function sortProjects(projects: readonly ProjectView[]): ProjectView[] {
  return [...projects].sort((a, b) => urgency(a) - urgency(b) || a.name.localeCompare(b.name));
}

const URGENCY: Record<BuildState, number> = { failed: 0, errored: 1, running: 2, queued: 2, passed: 3, canceled: 3 };

function urgency(project: ProjectView): number {
  return project.lastBuild ? URGENCY[project.lastBuild.state] : 3;
}
