import type { PoolClient } from 'pg';
import { CoreError } from '../common/errors.ts';
import type { BuildTrust } from '#server/api';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { Neighbours } from '../database/neighbours.ts';
import { advanceBuild } from './sql/advance-build.ts';
import { type Cancelled, cancelJobs, unfinishedJobs } from './sql/cancel-jobs.ts';
import { type NewBuild, insertBuild } from './sql/insert-build.ts';
import { lockBuild } from './sql/lock-build.ts';
import { releaseHeld } from './sql/release-held.ts';
import { restartJobs } from './sql/restart-jobs.ts';
import { storable } from './storable.ts';

const REFUSED = 'a maintainer refused this commit';
const SUPERSEDED = 'a newer build of the same branch took its place';
/** Attempts named in one notification. */
const MOST_TOLD = 100;

/** Everything that moves builds from outside: they are made, cancelled and restarted here. What moves them from within is their attempts' verdicts. */
export class Builds {
  constructor(
    private readonly database: Database,
    private readonly events: DomainEvents,
    private readonly neighbours: Neighbours,
  ) {}

  /**
   * Writes a build and queues its first stage; if the project says so, cancels unfinished builds of the same branch with it. `note` writes down, in the same
   * transaction, what must not be known without the build, nor the build without it. Returns its id.
   */
  async create(build: NewBuild, note?: (client: PoolClient, buildId: number) => Promise<void>): Promise<number> {
    const clean = storable(build);
    const { id, superseded } = await withTransaction(this.database, async (client) => {
      const made = await insertBuild(client, clean);
      await note?.(client, made);
      return { id: made, superseded: await cancelSuperseded(client, made) };
    });
    await this.tell([id, ...superseded.buildIds], superseded.jobIds, superseded.attemptIds);
    return id;
  }

  /** Cancels every job of the build that has no verdict. Cancelling a finished build changes nothing. */
  async cancelBuild(buildId: number, reason = 'cancelled by hand'): Promise<void> {
    await this.cancel(buildId, (client) => unfinishedJobs(client, buildId), reason);
  }

  /** Cancels one job. Throws `not-found`; a job with a verdict stays as it is. */
  async cancelJob(jobId: number, reason = 'cancelled by hand'): Promise<void> {
    const buildId = await this.buildOf(jobId);
    await this.cancel(buildId, () => Promise.resolve([jobId]), reason);
  }

  /**
   * Lets a held build run, or cancels it for good, in one transaction with `note`, which writes down who said so and throws if it must not be. Throws `not-found`.
   */
  async decideHeld(buildId: number, decision: 'approved' | 'refused', note: (client: PoolClient) => Promise<void>): Promise<void> {
    const jobIds = await withTransaction(this.database, async (client) => {
      await mustLock(client, buildId);
      await note(client);
      if (decision === 'refused') return (await cancelWithin(client, buildId, await unfinishedJobs(client, buildId), REFUSED)).jobIds;
      return [...(await releaseHeld(client, buildId)), ...(await advanceBuild(client, buildId))];
    });
    await this.tell([buildId], jobIds, []);
  }

  /** Cancels the held builds of a pull request, but not `except`: an approval is of one commit, and what is closed needs none. */
  async dropHeld(projectId: number, pullRequest: number, reason: string, except: number | null = null): Promise<void> {
    const { rows } = await this.database.pool.query<{ id: number }>(
      `select id from builds where project_id = $1 and trust = 'held' and finished_at is null and (change->'pullRequest'->>'number')::int = $2
         and id is distinct from $3`,
      [projectId, pullRequest, except],
    );
    for (const { id } of rows) await this.cancelBuild(id, reason);
  }

  /** Begins a new attempt at one job. Throws `not-found`, or `conflict` if it has no verdict yet. */
  async restartJob(jobId: number): Promise<void> {
    const buildId = await this.buildOf(jobId);
    if (!(await this.restart(buildId, () => Promise.resolve([jobId]))))
      throw new CoreError('conflict', 'This job has not ended yet: cancel it first, or wait for it.');
  }

  /** Begins new attempts at all jobs of a build that did not pass, or at all if every one passed. Throws `not-found` or `conflict`. */
  async restartBuild(buildId: number): Promise<void> {
    await this.restart(buildId, (client) => jobsToRestart(client, buildId));
  }

  private async cancel(buildId: number, choose: (client: PoolClient) => Promise<number[]>, reason: string): Promise<void> {
    const done: Cancelled = await withTransaction(this.database, async (client) => {
      await mustLock(client, buildId);
      return await cancelWithin(client, buildId, await choose(client), reason);
    });
    await this.tell([buildId], done.jobIds, done.attemptIds);
  }

  private async restart(buildId: number, choose: (client: PoolClient) => Promise<number[]>): Promise<boolean> {
    const moved = await withTransaction(this.database, async (client) => {
      await mustLock(client, buildId);
      await assertMayRun(client, buildId);
      const ids = await restartJobs(client, buildId, await choose(client));
      return ids.length === 0 ? [] : [...ids, ...(await advanceBuild(client, buildId))];
    });
    await this.tell([buildId], moved, []);
    return moved.length > 0;
  }

  /** What is told here is committed: whatever goes wrong now must not look like a failure of it. */
  private async tell(buildIds: readonly number[], jobIds: readonly number[], cancel: readonly number[]): Promise<void> {
    this.events.emit('cancel', cancel);
    this.events.emit('jobs', [...new Set(jobIds)]);
    this.events.emit('builds', buildIds);
    this.events.emit('wake');
    try {
      // A notification holds 8000 bytes; whoever hears an empty one looks at the tables.
      await this.neighbours.tell(cancel.length > MOST_TOLD ? [] : cancel);
    } catch (error) {
      this.database.logger.warn('the other servers could not be told at once; they see it at their next look', { error });
    }
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

/** A change that waits for approval, or was refused, is not run by way of a restart. */
async function assertMayRun(client: PoolClient, buildId: number): Promise<void> {
  const { rows } = await client.query<{ trust: BuildTrust }>('select trust from builds where id = $1', [buildId]);
  const trust = rows[0]?.trust;
  if (trust === 'held')
    throw new CoreError(
      'conflict',
      'This change waits for a maintainer: it can be approved, not restarted. If it was cancelled, build its newest commit.',
    );
  if (trust === 'refused') throw new CoreError('conflict', 'A maintainer refused this commit: it is not run.');
}

async function cancelWithin(client: PoolClient, buildId: number, jobIds: readonly number[], reason: string): Promise<Cancelled> {
  const { jobIds: canceled, attemptIds } = await cancelJobs(client, jobIds, reason);
  return { jobIds: [...canceled, ...(await advanceBuild(client, buildId))], attemptIds };
}

/** Cancels the builds whose place a new one takes: all or nothing of it together with the new one. */
async function cancelSuperseded(client: PoolClient, made: number): Promise<Cancelled & { readonly buildIds: number[] }> {
  const done = { buildIds: await supersededBy(client, made), jobIds: new Array<number>(), attemptIds: new Array<number>() };
  for (const buildId of done.buildIds) {
    if (!(await lockBuild(client, buildId))) continue;
    const { jobIds, attemptIds } = await cancelWithin(client, buildId, await unfinishedJobs(client, buildId), SUPERSEDED);
    done.jobIds.push(...jobIds);
    done.attemptIds.push(...attemptIds);
  }
  return done;
}

/** The jobs of a build that did not pass, or all if every one did. Throws `conflict` if one has not ended, or there is none. */
async function jobsToRestart(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number; state: string; ended: boolean }>(
    'select id, state, finished_at is not null as ended from jobs where build_id = $1',
    [buildId],
  );
  if (rows.length === 0) throw new CoreError('conflict', 'This build has no jobs to restart: start a new one.');
  if (rows.some((row) => !row.ended)) throw new CoreError('conflict', 'This build still runs: cancel it first, or wait for it.');
  const bad = rows.filter((row) => row.state !== 'passed' && row.state !== 'skipped');
  return (bad.length > 0 ? bad : rows).map((row) => row.id);
}

async function supersededBy(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select older.id from builds made join projects p on p.id = made.project_id and p.cancel_superseded
     join builds older on older.project_id = made.project_id and older.branch = made.branch and made.branch <> '' and older.id < made.id and older.finished_at is null
       and older.change->>'kind' = made.change->>'kind'
       and older.change->'pullRequest'->>'number' is not distinct from made.change->'pullRequest'->>'number'
     where made.id = $1 and made.change->>'kind' <> 'tag' order by older.id`,
    [buildId],
  );
  return rows.map((row) => row.id);
}
