import type { Pool } from 'pg';
import type { BuildSummary, BuildView, HeldView, JobSummary, Message } from '#server/api';
import type { Readable } from '../auth/rights.ts';
import { CoreError } from '../common/errors.ts';
import { type BuildRow, type JobRow, buildSummary, jobSummary } from './rows.ts';

const BUILD = `select b.id, b.project_id as "projectId", p.name as "projectName", b.number, b.state, b.change, b.trust, b.trust_reason as "trustReason", b.contributor, b.created_at as "createdAt",
  b.started_at as "startedAt", b.finished_at as "finishedAt",
  (select json_object_agg(state, count) from (select state, count(*)::int from jobs where build_id = b.id group by 1) c) as counts
  from builds b join projects p on p.id = b.project_id`;

/** The columns of a `JobRow`; the spec is left where it is, only what a cell shows is taken out of it. */
export const JOB_COLUMNS = `j.id, j.build_id as "buildId", j.position, j.spec->>'name' as name, j.spec->>'stage' as stage, j.allow_failure as "allowFailure",
  j.spec->'cell' as cell, j.spec->'requirements'->>'system' as system, j.spec->'requirements'->>'architecture' as architecture, j.state, j.reason, j.attempt, j.queued_at as "queuedAt", j.started_at as "startedAt", j.finished_at as "finishedAt",
  (select a.coverage from attempts a where a.job_id = j.id and a.number = j.attempt) as coverage`;

/** Says why a queued job waits, in words; null if it need not any more. */
export type QueueReasons = (jobId: number) => string | null;

/** Builds and jobs as clients see them. */
export class BuildViews {
  private reasons: QueueReasons = () => null;

  constructor(private readonly pool: Pool) {}

  /** Names who knows why queued jobs wait. */
  explainBy(reasons: QueueReasons): void {
    this.reasons = reasons;
  }

  /** A project's builds with a number below `before`, newest first. */
  async list(
    projectId: number,
    options: { readonly before: number | null; readonly limit: number; readonly branch: string | null },
  ): Promise<BuildSummary[]> {
    const { rows } = await this.pool.query<BuildRow>(
      `${BUILD} where b.project_id = $1 and ($2::int is null or b.number < $2) and ($3::text is null or b.branch = $3) order by b.number desc limit $4`,
      [projectId, options.before, options.branch, options.limit],
    );
    return rows.map(buildSummary);
  }

  async summaries(ids: readonly number[]): Promise<BuildSummary[]> {
    const { rows } = await this.pool.query<BuildRow>({ name: 'build-summaries', text: `${BUILD} where b.id = any($1)`, values: [ids] });
    return rows.map(buildSummary);
  }

  /** The first `limit` of the builds that wait for an approval and that somebody may read, oldest first, and how many there are. */
  async held(limit: number, readable: Readable): Promise<HeldView> {
    const held = `b.trust = 'held' and b.finished_at is null and ($1::int[] is null or b.project_id = any($1))`;
    const projects = readable === 'all' ? null : [...readable];
    const { rows } = await this.pool.query<BuildRow>(`${BUILD} where ${held} order by b.id limit $2`, [projects, limit]);
    const count = await this.pool.query<{ total: number }>(`select count(*)::int as total from builds b where ${held}`, [projects]);
    return { total: count.rows[0]?.total ?? 0, builds: rows.map(buildSummary) };
  }

  /** Throws `not-found`. */
  async get(id: number): Promise<BuildView> {
    const [summary] = await this.summaries([id]);
    const details = await this.pool.query<{ stages: string[]; messages: Message[]; description: string | null }>(
      'select stages, messages, description from builds where id = $1',
      [id],
    );
    const detail = details.rows[0];
    if (!summary || !detail) throw new CoreError('not-found', `There is no build ${id}.`);
    const { rows } = await this.pool.query<JobRow>(`select ${JOB_COLUMNS} from jobs j where j.build_id = $1 order by j.position`, [id]);
    return { ...summary, ...detail, jobs: rows.map((row) => this.job(row)) };
  }

  /** Jobs by their ids; `reasons` says why those that are queued wait, by default whoever was named to. */
  async jobs(ids: readonly number[], reasons = this.reasons): Promise<JobSummary[]> {
    const { rows } = await this.pool.query<JobRow>({
      name: 'job-summaries',
      text: `select ${JOB_COLUMNS} from jobs j where j.id = any($1)`,
      values: [ids],
    });
    return rows.map((row) => this.job(row, reasons));
  }

  /** A row as clients see it, with the reason a queued job waits for. */
  job(row: JobRow, reasons = this.reasons): JobSummary {
    const summary = jobSummary(row);
    if (summary.state === 'queued') return { ...summary, reason: queueReason(summary.reason, reasons(summary.id)) };
    if (summary.state === 'waiting') return { ...summary, reason: 'waits for the stage before' };
    return summary;
  }

  /** For each project its newest build of the default branch or, without one, of any. */
  async lastOfProjects(projectIds: readonly number[]): Promise<Map<number, BuildSummary>> {
    const { rows } = await this.pool.query<{ id: number }>(
      `select last.id from projects p, lateral (
         select b.id from builds b where b.project_id = p.id order by (b.branch = p.default_branch) is true desc, b.number desc limit 1) last
       where p.id = any($1)`,
      [projectIds],
    );
    const summaries = await this.summaries(rows.map((row) => row.id));
    return new Map(summaries.map((summary) => [summary.projectId, summary]));
  }
}

/** Why a job waits, after why it does so again if it has lost its machine. */
function queueReason(again: string | null, waits: string | null): string | null {
  return again === null || waits === null ? (again ?? waits) : `${again}; ${waits}`;
}
