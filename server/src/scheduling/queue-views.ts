import type { Pool } from 'pg';
import type { QueueView } from '#server/api';
import { mayRead, type Readable } from '../auth/rights.ts';
import type { BuildViews } from '../builds/build-views.ts';
import { countQueuedOf } from '../builds/sql/queue-window.ts';
import type { Scheduler } from './scheduler.ts';

/** Of who may not read all projects, the jobs he may read are looked for among so many of the queue's first. */
const LOOKED_THROUGH = 10_000;

/** The queue as clients see it. */
export class QueueViews {
  constructor(
    private readonly pool: Pool,
    private readonly scheduler: Scheduler,
    private readonly builds: BuildViews,
  ) {}

  /** The first `limit` jobs that somebody may read, in the order of their turns, with their places in the whole queue; and how many he may read wait in all. */
  async get(limit: number, readable: Readable): Promise<QueueView> {
    const { total, entries } = await this.scheduler.queue(readable === 'all' ? limit : LOOKED_THROUGH);
    const view = await this.view(entries);
    if (readable === 'all') return { total, entries: view };
    const own = view.filter(({ projectId }) => mayRead(readable, projectId));
    return { total: await countQueuedOf(this.pool, [...readable]), entries: own.slice(0, limit) };
  }

  private async view(entries: readonly { readonly jobId: number; readonly reason: string }[]): Promise<QueueView['entries']> {
    const ids = entries.map((entry) => entry.jobId);
    const reasons = new Map(entries.map((entry) => [entry.jobId, entry.reason]));
    const [jobs, origins] = await Promise.all([this.builds.jobs(ids, (id) => reasons.get(id) ?? null), this.origins(ids)]);
    const byId = new Map(jobs.map((job) => [job.id, job]));
    return entries.flatMap(({ jobId, reason }, index) => {
      const job = byId.get(jobId);
      const origin = origins.get(jobId);
      // A job that began meanwhile has no reason of its own to wait any more.
      return job && origin ? [{ job: { ...job, reason: job.reason ?? reason }, ...origin, place: index + 1, reason: job.reason ?? reason }] : [];
    });
  }

  private async origins(ids: readonly number[]): Promise<Map<number, { projectId: number; projectName: string; buildNumber: number }>> {
    const { rows } = await this.pool.query<{ id: number; projectId: number; projectName: string; buildNumber: number }>(
      `select j.id, j.project_id as "projectId", p.name as "projectName", b.number as "buildNumber"
       from jobs j join builds b on b.id = j.build_id join projects p on p.id = j.project_id where j.id = any($1)`,
      [ids],
    );
    return new Map(rows.map(({ id, ...origin }) => [id, origin]));
  }
}
