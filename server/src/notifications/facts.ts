import type { Pool } from 'pg';
import { Change } from '#plugins/api';
import type { BuildState, BuildTrust, JobState, StatusDetail, TestReport } from '#server/api';

/** A build as it stands when somebody is told of it. */
export interface BuildFacts {
  readonly id: number;
  readonly number: number;
  readonly projectId: number;
  readonly projectName: string;
  readonly projectUrl: string;
  readonly statuses: StatusDetail;
  readonly state: BuildState;
  readonly trust: BuildTrust;
  readonly change: Change;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly jobs: readonly JobFacts[];
  /** What the build before it on the same branch, or of the same pull request, came to; null for the first. */
  readonly previous: BuildState | null;
}

export interface JobFacts {
  readonly id: number;
  readonly name: string;
  readonly state: JobState;
  readonly reason: string | null;
  readonly allowFailure: boolean;
  /** Of its newest attempt. */
  readonly tests: TestReport | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

type Row = Omit<BuildFacts, 'change' | 'jobs' | 'previous'> & { change: unknown };

/** Reads a build; null if it is gone. */
export async function readFacts(pool: Pool, buildId: number): Promise<BuildFacts | null> {
  const { rows } = await pool.query<Row>({
    name: 'build-facts',
    text: `select b.id, b.number, b.project_id as "projectId", p.name as "projectName", p.url as "projectUrl", p.statuses, b.state, b.trust, b.change,
       b.started_at as "startedAt", b.finished_at as "finishedAt" from builds b join projects p on p.id = b.project_id where b.id = $1`,
    values: [buildId],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const [jobs, previous] = await Promise.all([readJobs(pool, buildId), readPrevious(pool, buildId)]);
  return { ...row, change: Change.parse(row.change), jobs, previous };
}

async function readJobs(pool: Pool, buildId: number): Promise<JobFacts[]> {
  const { rows } = await pool.query<JobFacts>({
    name: 'job-facts',
    text: `select j.id, j.spec->>'name' as name, j.state, j.reason, j.allow_failure as "allowFailure", a.tests, j.started_at as "startedAt", j.finished_at as "finishedAt"
       from jobs j left join attempts a on a.job_id = j.id and a.number = j.attempt where j.build_id = $1 order by j.position`,
    values: [buildId],
  });
  return rows;
}

async function readPrevious(pool: Pool, buildId: number): Promise<BuildState | null> {
  const { rows } = await pool.query<{ state: BuildState }>({
    name: 'previous-build',
    text: `select o.state from builds b join builds o on o.project_id = b.project_id and o.branch = b.branch and b.branch <> '' and o.id < b.id and o.finished_at is not null
         and o.state <> 'canceled'
         and o.change->'pullRequest'->>'number' is not distinct from b.change->'pullRequest'->>'number'
       where b.id = $1 order by o.id desc limit 1`,
    values: [buildId],
  });
  return rows[0]?.state ?? null;
}
