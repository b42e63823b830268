import { Heap } from './heap.ts';
import type { QueuedJob } from './plan-types.ts';

/** A project with its queued jobs, in the order in which it wants them run. */
interface Project {
  readonly id: number;
  readonly jobs: readonly QueuedJob[];
  next: number;
  running: number;
}

/**
 * Goes through a queue in fair order: the project with the fewest running jobs has the next turn, and among equals the one whose next job has waited
 * longest. `visit` says whether the job starts, for then its project has one more running. Each job has one turn. Gives how many run by project.
 */
export function takeTurns(
  queue: readonly QueuedJob[],
  running: ReadonlyMap<number, number>,
  visit: (job: QueuedJob) => boolean,
): Map<number, number> {
  const after = new Map(running);
  const heap = new Heap<Project>(hasTurnBefore);
  for (const [id, jobs] of byProject(queue)) {
    heap.push({ id, jobs: jobs.toSorted(byWish), next: 0, running: running.get(id) ?? 0 });
  }
  for (let project = heap.pop(); project !== undefined; project = heap.pop()) {
    const job = project.jobs[project.next];
    if (job === undefined) continue;
    if (visit(job)) project.running += 1;
    after.set(project.id, project.running);
    project.next += 1;
    if (project.next < project.jobs.length) heap.push(project);
  }
  return after;
}

function byProject(queue: readonly QueuedJob[]): Map<number, QueuedJob[]> {
  const projects = new Map<number, QueuedJob[]>();
  for (const job of queue) {
    const jobs = projects.get(job.projectId);
    if (jobs === undefined) projects.set(job.projectId, [job]);
    else jobs.push(job);
  }
  return projects;
}

function byWish(a: QueuedJob, b: QueuedJob): number {
  return b.priority - a.priority || a.order - b.order;
}

function hasTurnBefore(a: Project, b: Project): boolean {
  if (a.running !== b.running) return a.running < b.running;
  return orderOf(a) < orderOf(b);
}

function orderOf(project: Project): number {
  return project.jobs[project.next]?.order ?? Number.POSITIVE_INFINITY;
}
