import type { BuildSummary, ProjectView } from '#server/api';

/**
 * Projects after news of a build: it becomes its project's newest if it is that one or newer, on a branch that counts (the
 * default one, or any while there is no build of that).
 */
export function withNewestBuild(projects: ProjectView[], build: BuildSummary): ProjectView[] {
  return projects.map((project) => (project.id === build.projectId && isNewest(project, build) ? { ...project, lastBuild: build } : project));
}

function isNewest(project: ProjectView, build: BuildSummary): boolean {
  const last = project.lastBuild;
  if (!last || last.id === build.id) return true;
  const isDefault = (candidate: BuildSummary): boolean => project.defaultBranch === null || candidate.change.branch === project.defaultBranch;
  if (isDefault(build) !== isDefault(last)) return isDefault(build);
  return build.number > last.number;
}

/** A list of builds, newest first, after news of one: in its place, or on top if it is new. */
export function withBuild(builds: BuildSummary[], build: BuildSummary): BuildSummary[] {
  if (builds.some((known) => known.id === build.id)) return builds.map((known) => (known.id === build.id ? build : known));
  const at = builds.findIndex((known) => known.number < build.number);
  if (at === -1) return builds.length === 0 ? [build] : builds;
  return [...builds.slice(0, at), build, ...builds.slice(at)];
}
