import type { Pool } from 'pg';
import type { Change } from '#plugins/api';
import type { AttemptView, BuildState, JobState, JobView, StepView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { LogStore } from '../logs/index.ts';
import type { TestHistory } from '../test-history/test-history.ts';
import { type BuildViews, JOB_COLUMNS } from './build-views.ts';
import { type JobRow, changeView, moment } from './rows.ts';

interface Detail extends JobRow {
  readonly projectId: number;
  readonly projectName: string;
  readonly buildNumber: number;
  readonly buildState: BuildState;
  readonly change: Change;
  readonly config: JobView['config'];
  readonly holdMinutes: number | null;
}

interface AttemptRow {
  readonly id: number;
  readonly number: number;
  readonly state: JobState;
  readonly reason: string | null;
  readonly machine: string | null;
  readonly isolation: string | null;
  readonly host: string | null;
  readonly image: string | null;
  readonly imageDigest: string | null;
  readonly lost: boolean;
  readonly denied: AttemptView['denied'];
  readonly licenses: AttemptView['licenses'];
  readonly tests: AttemptView['tests'];
  readonly coverage: AttemptView['coverage'];
  readonly testNotes: AttemptView['testNotes'];
  readonly heldUntil: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly logSize: number;
}

/** One job in full, with its attempts, steps and log. */
export class JobViews {
  constructor(
    private readonly pool: Pool,
    private readonly builds: BuildViews,
    private readonly logs: LogStore,
    private readonly tests: TestHistory,
    /** Why nobody may be let into a job's machine now, as a sentence; null if who has the right may. */
    private readonly shellRefusal: (jobId: number) => Promise<string | null>,
  ) {}

  /** Throws `not-found`. */
  async get(id: number): Promise<JobView> {
    const { rows } = await this.pool.query<Detail>(
      `select ${JOB_COLUMNS}, j.project_id as "projectId", p.name as "projectName", b.number as "buildNumber", b.state as "buildState", b.change,
         j.spec->'config' as config, j.hold_minutes as "holdMinutes"
       from jobs j join builds b on b.id = j.build_id join projects p on p.id = j.project_id where j.id = $1`,
      [id],
    );
    const row = rows[0];
    if (!row) throw new CoreError('not-found', `There is no job ${id}.`);
    const { projectId, projectName, buildNumber, buildState, change, config, holdMinutes, ...jobRow } = row;
    const attempts = await this.attempts(id);
    const newest = attempts.at(-1);
    return {
      ...this.builds.job(jobRow),
      projectId,
      projectName,
      buildNumber,
      buildState,
      change: changeView(change),
      config,
      attempts: attempts.map(attemptView),
      steps: newest ? await this.steps(newest.id) : [],
      ...(await this.log(newest)),
      flaky: await this.flaky(projectId, attempts),
      holdMinutes,
      shellRefused: await this.shellRefusal(id),
    };
  }

  /** The id of an attempt, of the newest if `number` is null; null if there is none. Throws `not-found` for a job that is not there. */
  async attemptId(jobId: number, number: number | null): Promise<{ id: number; number: number; finished: boolean } | null> {
    const { rows } = await this.pool.query<{ id: number | null; number: number; finished: boolean }>(
      `select a.id, a.number, a.finished_at is not null as finished from jobs j
       left join attempts a on a.job_id = j.id and a.number = coalesce($2, j.attempt) where j.id = $1`,
      [jobId, number],
    );
    const row = rows[0];
    if (!row) throw new CoreError('not-found', `There is no job ${jobId}.`);
    return row.id === null ? null : { id: row.id, number: row.number, finished: row.finished };
  }

  private async attempts(jobId: number): Promise<AttemptRow[]> {
    const { rows } = await this.pool.query<AttemptRow>(
      `select id, number, state, reason, machine_id as machine, isolation, host, image, image_digest as "imageDigest", lost, denied, tests,
         coverage, test_notes as "testNotes",
         array(select p.product from license_leases l join license_pools p on p.id = l.pool_id where l.attempt_id = attempts.id order by 1) as licenses,
         case when held_until > now() then held_until end as "heldUntil", started_at as "startedAt", finished_at as "finishedAt",
         log_size::float8 as "logSize" from attempts where job_id = $1 order by number`,
      [jobId],
    );
    return rows;
  }

  /** Of all its attempts: the same test may have failed in several. */
  private async flaky(projectId: number, attempts: readonly AttemptRow[]): Promise<JobView['flaky']> {
    const failures = attempts.flatMap(({ tests }) => tests?.failures ?? []);
    return await this.tests.notes(projectId, [...new Map(failures.map((failure) => [failure.name, failure])).values()]);
  }

  private async steps(attemptId: number): Promise<StepView[]> {
    const { rows } = await this.pool.query<Omit<StepView, 'startedAt' | 'finishedAt'> & { startedAt: Date; finishedAt: Date | null }>(
      `select index, phase, title, started_at as "startedAt", finished_at as "finishedAt", exit_code as "exitCode", start_offset::float8 as "startOffset",
         end_offset::float8 as "endOffset", start_line::float8 as "startLine", end_line::float8 as "endLine" from steps where attempt_id = $1 order by index`,
      [attemptId],
    );
    return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString(), finishedAt: moment(row.finishedAt) }));
  }

  private async log(newest: AttemptRow | undefined): Promise<Pick<JobView, 'logSize' | 'logLines' | 'logComplete'>> {
    if (!newest) return { logSize: 0, logLines: 0, logComplete: false };
    const { size, lines, complete } = await this.logs.index(newest.id);
    return { logSize: size, logLines: lines, logComplete: complete };
  }
}

function attemptView(row: AttemptRow): AttemptView {
  const { id: _id, ...view } = row;
  return { ...view, startedAt: moment(row.startedAt), finishedAt: moment(row.finishedAt), heldUntil: moment(row.heldUntil) };
}
