import type { Pool } from 'pg';
import { type Logger, isPluginError } from '#plugins/api';
import { CoreError } from '../common/errors.ts';
import type { InterpreterCache } from './interpreter-cache.ts';
import type { ForkRevision } from './on-fork.ts';

const LOOK_MS = 2000;
/** How long the head of a package may take to be read. */
const READ_MS = 120_000;

/** A revision that has been built on all its images. */
interface Announced extends ForkRevision {
  readonly forkId: number;
}

export interface ForkDeskParts {
  readonly pool: Pool;
  readonly cache: InterpreterCache;
  readonly logger: Logger;
  /** Queues a build of a package's default branch on a revision of a fork; `note` in the same transaction. Returns its id. */
  readonly start: (projectId: number, fork: ForkRevision, note: (buildId: number) => NoteQuery, signal: AbortSignal) => Promise<number>;
}

/** A statement that is run with the transaction that writes a build. */
export interface NoteQuery {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Begins the builds of packages once a fork's revision has been built on all its images. Each is begun once, however often a server is killed meanwhile: that it was begun is written with the build.
 * Runs on the server that has the right to schedule.
 */
export class ForkDesk {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private stopping = new AbortController();
  private isFresh = false;

  constructor(private readonly parts: ForkDeskParts) {}

  start(): void {
    this.stopping = new AbortController();
    this.isFresh = false;
    this.timer ??= setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
  }

  /** Looks now. What fails is tried again at the next look. */
  async look(): Promise<void> {
    this.looking ??= this.announceAll().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async announceAll(): Promise<void> {
    try {
      // Whoever had the right to schedule before may have published.
      if (!this.isFresh) await this.parts.cache.refresh();
      this.isFresh = true;
      for (const revision of await this.waiting()) await this.announce(revision);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.parts.logger.warn('packages could not be tried on a fork; trying again', { error });
    }
  }

  private async waiting(): Promise<Announced[]> {
    const { rows } = await this.parts.pool.query<Announced>({
      name: 'forks-to-announce',
      text: `select distinct f.project_id as "forkId", f.name, f.upstream, i.revision from interpreters i join forks f on f.project_id = i.fork_id
       where i.announced_at is null and not exists (
         select 1 from jobs j where j.build_id = i.build_id and j.stage_index = 0 and j.finished_at is null)`,
    });
    return rows;
  }

  private async announce(revision: Announced): Promise<void> {
    // What another server has published is not known here yet.
    await this.parts.cache.refresh();
    const { rows } = await this.parts.pool.query<{ projectId: number }>(
      `select p.project_id as "projectId" from fork_packages p where p.fork_id = $1 and not exists (
         select 1 from fork_builds b where b.fork_id = p.fork_id and b.revision = $2 and b.project_id = p.project_id) order by 1`,
      [revision.forkId, revision.revision],
    );
    for (const { projectId } of rows) await this.begin(projectId, revision);
    await this.parts.pool.query('update interpreters set announced_at = now() where fork_id = $1 and revision = $2 and announced_at is null', [
      revision.forkId,
      revision.revision,
    ]);
  }

  private async begin(projectId: number, revision: Announced): Promise<void> {
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(READ_MS)]);
    const key = [revision.forkId, revision.revision, projectId];
    try {
      await this.parts.start(
        projectId,
        revision,
        (buildId) => ({
          text: 'insert into fork_builds (fork_id, revision, project_id, build_id) values ($1, $2, $3, $4)',
          values: [...key, buildId],
        }),
        signal,
      );
    } catch (error) {
      this.stopping.signal.throwIfAborted();
      if (!isPluginError(error) && !(error instanceof CoreError) && !signal.aborted) throw error;
      const problem = signal.aborted ? 'its repository did not answer in time' : error instanceof Error ? error.message : String(error);
      await this.parts.pool.query('insert into fork_builds (fork_id, revision, project_id, problem) values ($1, $2, $3, $4) on conflict do nothing', [
        ...key,
        problem,
      ]);
    }
  }
}
