import type { PoolClient } from 'pg';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { Neighbours } from '../database/neighbours.ts';
import { advanceBuild } from './sql/advance-build.ts';
import { type Cancelled, cancelJobs, unfinishedJobs } from './sql/cancel-jobs.ts';
import { type NewBuild, insertBuild } from './sql/insert-build.ts';
import { lockBuild } from './sql/lock-build.ts';
import { restartJobs } from './sql/restart-jobs.ts';

/** Everything that moves builds from outside: they are made, cancelled and restarted here. What moves them from within is their attempts' verdicts. */
export class Builds {
  constructor(
    private readonly database: Database,
    private readonly events: DomainEvents,
    private readonly neighbours: Neighbours,
  ) {}

  /** Writes a build and queues its first stage; if the project says so, cancels unfinished builds of the same branch. Returns its id. */
  async create(build: NewBuild): Promise<number> {
    const { id, superseded } = await withTransaction(this.database, async (client) => {
      const made = await insertBuild(client, build);
      return { id: made, superseded: await supersededBy(client, made) };
    });
    for (const older of superseded) await this.cancelBuild(older, 'a newer build of the same branch took its place');
    await this.tell(id, [], []);
    return id;
  }

  /** Cancels every job of the build that has no verdict. Cancelling a finished build changes nothing. */
  async cancelBuild(buildId: number, reason = 'cancelled by hand'): Promise<void> {
    await this.cancel(buildId, (client) => unfinishedJobs(client, buildId), reason);
  }

  /** Cancels one job. Throws `not-found`; a job with a verdict stays as it is. */
  async cancelJob(jobId: number): Promise<void> {
    const buildId = await this.buildOf(jobId);
    await this.cancel(buildId, () => Promise.resolve([jobId]), 'cancelled by hand');
  }

  /** Begins a new attempt at one job. Throws `not-found`, or `conflict` if it has no verdict yet. */
  async restartJob(jobId: number): Promise<void> {
    const buildId = await this.buildOf(jobId);
    if (!(await this.restart(buildId, [jobId]))) throw new CoreError('conflict', 'This job has not ended yet: cancel it first, or wait for it.');
  }

  /** Begins new attempts at all jobs of a build that did not pass, or at all if every one passed. Throws `not-found` or `conflict`. */
  async restartBuild(buildId: number): Promise<void> {
    const { rows } = await this.database.pool.query<{ id: number; state: string; ended: boolean }>(
      'select id, state, finished_at is not null as ended from jobs where build_id = $1',
      [buildId],
    );
    if (rows.length === 0) throw await this.nothingToRestart(buildId);
    if (rows.some((row) => !row.ended)) throw new CoreError('conflict', 'This build still runs: cancel it first, or wait for it.');
    const bad = rows.filter((row) => row.state !== 'passed' && row.state !== 'skipped');
    await this.restart(
      buildId,
      (bad.length > 0 ? bad : rows).map((row) => row.id),
    );
  }

  private async nothingToRestart(buildId: number): Promise<CoreError> {
    const { rowCount } = await this.database.pool.query('select 1 from builds where id = $1', [buildId]);
    if (rowCount === 0) return new CoreError('not-found', `There is no build ${buildId}.`);
    return new CoreError('conflict', 'This build has no jobs to restart: start a new one.');
  }

  private async cancel(buildId: number, choose: (client: PoolClient) => Promise<number[]>, reason: string): Promise<void> {
    const done: Cancelled = await withTransaction(this.database, async (client) => {
      await mustLock(client, buildId);
      const cancelled = await cancelJobs(client, await choose(client), reason);
      await advanceBuild(client, buildId);
      return cancelled;
    });
    await this.tell(buildId, done.jobIds, done.attemptIds);
  }

  private async restart(buildId: number, jobIds: readonly number[]): Promise<boolean> {
    const queued = await withTransaction(this.database, async (client) => {
      await mustLock(client, buildId);
      const ids = await restartJobs(client, buildId, jobIds);
      if (ids.length > 0) await advanceBuild(client, buildId);
      return ids;
    });
    await this.tell(buildId, queued, []);
    return queued.length > 0;
  }

  private async tell(buildId: number, jobIds: readonly number[], cancel: readonly number[]): Promise<void> {
    this.events.emit('cancel', cancel);
    this.events.emit('jobs', jobIds);
    this.events.emit('builds', [buildId]);
    this.events.emit('wake');
    await this.neighbours.tell(cancel);
  }

  private async buildOf(jobId: number): Promise<number> {
    const { rows } = await this.database.pool.query<{ id: number }>('select build_id as id from jobs where id = $1', [jobId]);
    const id = rows[0]?.id;
    if (id === undefined) throw new CoreError('not-found', `There is no job ${jobId}.`);
    return id;
  }
}

async function mustLock(client: PoolClient, buildId: number): Promise<void> {
  if (!(await lockBuild(client, buildId))) throw new CoreError('not-found', `There is no build ${buildId}.`);
}

async function supersededBy(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select older.id from builds made join projects p on p.id = made.project_id and p.cancel_superseded
     join builds older on older.project_id = made.project_id and older.branch = made.branch and older.id < made.id and older.finished_at is null
       and older.change->>'kind' = made.change->>'kind'
       and older.change->'pullRequest'->>'number' is not distinct from made.change->'pullRequest'->>'number'
     where made.id = $1 and made.change->>'kind' <> 'tag'`,
    [buildId],
  );
  return rows.map((row) => row.id);
}
