import type { Pool } from 'pg';
import { type Logger, isPluginError } from '#plugins/api';
import { CoreError } from '../common/errors.ts';
import { within } from '../execution/within.ts';
import type { InterpreterCache } from './interpreter-cache.ts';
import type { ForkRevision } from './on-fork.ts';

const LOOK_MS = 2000;
/** How long the head of a package may take to be read. */
const READ_MS = 120_000;
/** What may be there again soon is tried for so long, and so often. */
const PATIENCE_MS = 3_600_000;
const RETRY_MS = 60_000;
const TIDY_MS = 3_600_000;

/** A revision that has been published, and of which no build on an image is still to end. */
interface Announced extends ForkRevision {
  readonly forkId: number;
}

/** When a package was first tried in vain, and when it is tried next. Milliseconds since 1970. */
interface Tries {
  readonly since: number;
  readonly nextAt: number;
}

export interface ForkDeskParts {
  readonly pool: Pool;
  readonly cache: Pick<InterpreterCache, 'refresh' | 'tidy'>;
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
 * Begins the builds of packages once a fork's builds of a revision have ended on all its images. Each is begun once, however often a server is killed meanwhile: that it was begun is written with the
 * build. Keeps in memory and on disk what there is, too. Runs on the server that has the right to schedule.
 */
export class ForkDesk {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private stopping = new AbortController();
  private readonly tries = new Map<string, Tries>();
  private tidyAt = 0;

  constructor(private readonly parts: ForkDeskParts) {}

  start(): void {
    this.stopping = new AbortController();
    this.tries.clear();
    this.timer ??= setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
  }

  /** Looks now. What fails is tried again at a later look, and keeps nothing else from being done. */
  async look(): Promise<void> {
    this.looking ??= this.lookAtAll().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async lookAtAll(): Promise<void> {
    await this.orLater('the forks of Python could not be looked at', async () => {
      // Another server may have published, or have changed a fork.
      await this.parts.cache.refresh();
      for (const revision of await this.waiting()) {
        this.stopping.signal.throwIfAborted();
        await this.orLater(`packages could not be tried on ${revision.name}@${revision.revision}`, () => this.announce(revision));
      }
    });
    await this.orLater('interpreters could not be tidied', () => this.tidy());
  }

  private async orLater(failure: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.stopping.signal.aborted) this.parts.logger.warn(`${failure}; trying again`, { error });
    }
  }

  private async tidy(): Promise<void> {
    if (this.stopping.signal.aborted || Date.now() < this.tidyAt) return;
    this.tidyAt = Date.now() + TIDY_MS;
    await this.parts.cache.tidy();
  }

  private async waiting(): Promise<Announced[]> {
    const { rows } = await this.parts.pool.query<Announced>({
      name: 'forks-to-announce',
      // What has no upstream has no packages either.
      text: `select f.project_id as "forkId", f.name, coalesce(f.upstream, f.name) as upstream, i.revision from interpreters i join forks f on f.project_id = i.fork_id
       where i.announced_at is null
       group by f.project_id, i.revision having not bool_or(exists (
         select 1 from jobs j where j.build_id = i.build_id and j.stage_index = 0 and j.finished_at is null))
       order by min(i.id)`,
    });
    return rows;
  }

  private async announce(revision: Announced): Promise<void> {
    // What was published since is not known here yet.
    await this.parts.cache.refresh();
    const { rows } = await this.parts.pool.query<{ projectId: number }>(
      `select p.project_id as "projectId" from fork_packages p where p.fork_id = $1 and not exists (
         select 1 from fork_builds b where b.fork_id = p.fork_id and b.revision = $2 and b.project_id = p.project_id) order by 1`,
      [revision.forkId, revision.revision],
    );
    let settled = 0;
    for (const { projectId } of rows) if (await this.begin(projectId, revision)) settled += 1;
    if (settled < rows.length) return;
    await this.parts.pool.query('update interpreters set announced_at = now() where fork_id = $1 and revision = $2 and announced_at is null', [
      revision.forkId,
      revision.revision,
    ]);
  }

  /** Whether it is begun, or it is written down why it cannot be; false: it is to be tried again. */
  private async begin(projectId: number, revision: Announced): Promise<boolean> {
    const key = [revision.forkId, revision.revision, projectId].join(' ');
    if (Date.now() < (this.tries.get(key)?.nextAt ?? 0)) return false;
    try {
      await this.startBuild(projectId, revision);
    } catch (error) {
      this.stopping.signal.throwIfAborted();
      if (isPassing(error) && this.mayTryAgain(key, error)) return false;
      await this.noteProblem(projectId, revision, error instanceof Error ? error.message : String(error));
    }
    this.tries.delete(key);
    return true;
  }

  private mayTryAgain(key: string, error: unknown): boolean {
    const now = Date.now();
    const since = this.tries.get(key)?.since ?? now;
    if (now - since >= PATIENCE_MS) return false;
    const wished = isPluginError(error) ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    this.tries.set(key, { since, nextAt: now + Math.max(RETRY_MS, wished) });
    this.parts.logger.info('a package could not be tried on a fork yet; trying again', { package: key, error });
    return true;
  }

  private async startBuild(projectId: number, revision: Announced): Promise<void> {
    const note = (buildId: number): NoteQuery => ({
      text: 'insert into fork_builds (fork_id, revision, project_id, build_id) values ($1, $2, $3, $4)',
      values: [revision.forkId, revision.revision, projectId, buildId],
    });
    await within(READ_MS, 'reading its repository', this.stopping.signal, async (limited) => {
      try {
        await this.parts.start(projectId, revision, note, limited);
      } catch (error) {
        // Why it was broken off is what is so, whatever that looked like to whoever was broken off.
        limited.throwIfAborted();
        throw error;
      }
    });
  }

  private async noteProblem(projectId: number, { forkId, revision }: Announced, problem: string): Promise<void> {
    await this.parts.pool.query('insert into fork_builds (fork_id, revision, project_id, problem) values ($1, $2, $3, $4) on conflict do nothing', [
      forkId,
      revision,
      projectId,
      problem,
    ]);
  }
}

/** Whether it may pass by itself: what was said on purpose, and not that it may, will not. */
function isPassing(error: unknown): boolean {
  if (isPluginError(error)) return error.retry;
  return !(error instanceof CoreError) || error.code === 'unavailable' || error.code === 'rate-limited';
}
